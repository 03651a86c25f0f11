targetScope = 'managementGroup'

metadata description = 'Lets the monitor read the subscriptions of one management group. Deployed once in each that is watched.'

@description('Name of the monitor\'s deployment, as in main.bicep.')
param name string = 'db-exposure'

@description('Object id of the app\'s identity, the output MONITOR_IDENTITY_PRINCIPAL_ID of main.bicep.')
param principalId string

var groupId = managementGroup().id
var readActions = concat(loadJsonContent('read-actions.json'), ['Microsoft.Management/managementGroups/read'])

resource readerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(groupId, name, 'database-exposure-reader')
  properties: {
    roleName: 'Database Exposure Reader (${name}, ${managementGroup().name})'
    description: 'Reads managed database servers, their firewall and network rules and their private endpoints.'
    type: 'CustomRole'
    assignableScopes: [
      groupId
    ]
    permissions: [
      {
        actions: readActions
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(groupId, principalId, name)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: readerRole.id
  }
}
