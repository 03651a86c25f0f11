param name string

@description('Region of Application Insights.')
param location string

param workspaceId string

@description('A data collection rule lies in the region of its workspace.')
param workspaceLocation string

param tags object

var tables = loadJsonContent('../tables.json')

// One stream a table, with the same columns; the kind brings an endpoint of its own.
resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: 'dcr-${name}'
  location: workspaceLocation
  tags: tags
  kind: 'Direct'
  properties: {
    streamDeclarations: toObject(items(tables), table => 'Custom-${table.key}', table => {
      columns: table.value
    })
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspaceId
        }
      ]
    }
    dataFlows: map(items(tables), table => {
      streams: [
        'Custom-${table.key}'
      ]
      destinations: [
        'workspace'
      ]
      transformKql: 'source'
      outputStream: 'Custom-${table.key}'
    })
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaceId
    DisableLocalAuth: true
  }
}

output ruleId string = rule.id
output ruleName string = rule.name
output immutableId string = rule.properties.immutableId
output endpoint string = rule.properties.endpoints.logsIngestion
output insightsName string = insights.name
output insightsConnectionString string = insights.properties.ConnectionString
