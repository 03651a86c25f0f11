param location string
param workspaceId string
param tags object

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'database-exposure')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Database exposure'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: replace(loadTextContent('../workbook.json'), '{workspaceId}', workspaceId)
  }
}

output id string = workbook.id
