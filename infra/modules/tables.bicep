param workspaceName string
param retentionInDays int

var tables = loadJsonContent('../tables.json')

var functions = [
  {
    alias: 'DatabaseExposureCurrent'
    title: 'Open database exposure findings since a time, one row each'
    query: loadTextContent('../functions/database-exposure-current.kql')
  }
  {
    alias: 'DatabaseExposureTransitions'
    title: 'Transitions of database exposure findings since a time, each once'
    query: loadTextContent('../functions/database-exposure-transitions.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

// A table spells its time type dateTime, a stream datetime.
resource customTables 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = [for table in items(tables): {
  parent: workspace
  name: table.key
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: retentionInDays
    schema: {
      name: table.key
      columns: map(table.value, column => {
        name: column.name
        type: column.type == 'datetime' ? 'dateTime' : column.type
      })
    }
  }
}]

resource savedFunctions 'Microsoft.OperationalInsights/workspaces/savedSearches@2020-08-01' = [for saved in functions: {
  parent: workspace
  name: toLower(saved.alias)
  properties: {
    category: 'Database Exposure Monitor'
    displayName: saved.title
    functionAlias: saved.alias
    functionParameters: 'from:datetime'
    query: saved.query
    version: 2
  }
  dependsOn: [
    customTables
  ]
}]

output workspaceLocation string = workspace.location
