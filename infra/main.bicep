targetScope = 'subscription'

metadata description = 'Database Exposure Monitor: the function app, its storage, its tables and alerts, and what it may read.'

@description('Short name of this deployment; part of every resource name.')
@minLength(2)
@maxLength(20)
param name string = 'db-exposure'

@description('Region of the monitor. A new workspace is made here too.')
param location string = deployment().location

@description('Resource group of the monitor; made when it is not there.')
param resourceGroupName string = 'rg-${name}'

@description('Ids of the subscriptions to watch, with commas between. Empty: management groups only.')
param watchedSubscriptions string = ''

@description('Ids (not display names) of the management groups to watch, with commas between. Their role comes from management-group.bicep.')
param watchedManagementGroups string = ''

@description('Resource id of a Log Analytics workspace to write to. Empty: a new one.')
param existingWorkspaceId string = ''

@description('Days that a new workspace and the tables keep rows.')
@minValue(30)
@maxValue(730)
param retentionInDays int = 90

@description('Minutes between two sweeps.')
@allowed([
  5
  10
  15
  20
  30
  60
])
param sweepEveryMinutes int = 15

@description('first-seen: the first complete reading of a server is its provisional baseline. approval: only an approved one counts.')
@allowed([
  'first-seen'
  'approval'
])
param baselineMode string = 'first-seen'

@description('What is kept of the person or application behind a change: full, id (object or application id only) or none.')
@allowed([
  'full'
  'id'
  'none'
])
param actorDetail string = 'full'

@description('https:// address of a policy blob. Empty: the policy that was deployed with the app.')
param policyFile string = ''

@description('Tenant whose tokens the HTTP routes accept. Empty: the routes stay closed.')
param httpTenantId string = ''

@description('Audience of those tokens: the application id of the app registration. Empty: the routes stay closed.')
param httpAudience string = ''

@description('Address that receives the alerts by e-mail. Empty: none.')
param alertEmail string = ''

@description('https:// address that receives the alerts in the common alert schema. Empty: none.')
@secure()
param alertWebhook string = ''

@description('Resource id of an action group that is there already; it is used beside the e-mail address and the webhook.')
param existingActionGroupId string = ''

@description('True: the storage account is reached over private endpoints only, and the app leaves through a virtual network.')
param privateNetwork bool = false

@description('Address space of that network, /24 or larger.')
param networkAddressSpace string = '10.83.0.0/24'

@description('False: the app takes no calls from outside of the network; choose then eventDelivery "queue" in events.bicep.')
param publicInbound bool = true

@description('Most instances of the app. Nothing depends on the number.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('True: a lock keeps everything in the resource group from being deleted. Remove it before you uninstall.')
param lockResources bool = false

@description('Tags of every resource.')
param tags object = {}

@description('Name of the azd environment; azd finds the resource group by it. Empty without azd.')
param azdEnvironment string = ''

var subscriptionIds = filter(map(split(watchedSubscriptions, ','), id => toLower(trim(id))), id => !empty(id))
var suffix = take(uniqueString(subscription().id, resourceGroupName, name), 8)
var allTags = union(tags, empty(azdEnvironment) ? {} : { 'azd-env-name': azdEnvironment })

// Nothing but reading, and nothing that the monitor does not read: a missing action shows as a coverage gap that names it.
var readActions = loadJsonContent('read-actions.json')

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

resource readerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, name, 'database-exposure-reader')
  properties: {
    roleName: 'Database Exposure Reader (${name}-${suffix})'
    description: 'Reads managed database servers, their firewall and network rules and their private endpoints.'
    type: 'CustomRole'
    assignableScopes: union(['/subscriptions/${subscription().subscriptionId}'], map(subscriptionIds, id => '/subscriptions/${id}'))
    permissions: [
      {
        actions: readActions
      }
    ]
  }
}

module readAccess 'modules/read-access.bicep' = [for id in subscriptionIds: {
  name: 'read-access-${take(id, 8)}-${suffix}'
  scope: subscription(id)
  params: {
    principalId: identity.outputs.principalId
    roleDefinitionId: readerRole.id
  }
}]

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-${name}'
    location: location
    tags: allTags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${take(toLower(replace(name, '-', '')), 14)}${suffix}'
    location: location
    tags: allTags
    isPrivate: privateNetwork
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    name: name
    location: location
    tags: allTags
    addressSpace: networkAddressSpace
    storageId: storage.outputs.id
  }
}

module workspace 'modules/workspace.bicep' = if (empty(existingWorkspaceId)) {
  name: 'workspace'
  scope: group
  params: {
    name: 'log-${name}'
    location: location
    tags: allTags
    retentionInDays: retentionInDays
  }
}

var workspaceId = empty(existingWorkspaceId) ? '${group.id}/providers/Microsoft.OperationalInsights/workspaces/log-${name}' : existingWorkspaceId

// Tables and saved functions belong to the workspace, wherever it is.
module tables 'modules/tables.bicep' = {
  name: 'tables-${suffix}'
  scope: resourceGroup(split(workspaceId, '/')[2], split(workspaceId, '/')[4])
  params: {
    workspaceName: last(split(workspaceId, '/'))
    retentionInDays: retentionInDays
  }
  dependsOn: [
    workspace
  ]
}

module ingestion 'modules/ingestion.bicep' = {
  name: 'ingestion'
  scope: group
  params: {
    name: name
    location: location
    workspaceId: workspaceId
    workspaceLocation: tables.outputs.workspaceLocation
    tags: allTags
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    principalId: identity.outputs.principalId
    storageName: storage.outputs.name
    ruleName: ingestion.outputs.ruleName
    insightsName: ingestion.outputs.insightsName
    readerRoleId: readerRole.id
  }
}

module app 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-${name}-${suffix}'
    location: location
    tags: allTags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packageContainerUrl: storage.outputs.packageContainerUrl
    insightsConnectionString: ingestion.outputs.insightsConnectionString
    ingestionEndpoint: ingestion.outputs.endpoint
    ingestionRuleId: ingestion.outputs.immutableId
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    publicInbound: publicInbound
    maximumInstanceCount: maximumInstanceCount
    monitor: {
      MONITOR_SUBSCRIPTIONS: join(subscriptionIds, ',')
      MONITOR_MANAGEMENT_GROUPS: watchedManagementGroups
      SWEEP_SCHEDULE: sweepEveryMinutes == 60 ? '0 0 * * * *' : '0 */${sweepEveryMinutes} * * * *'
      POLICY_FILE: policyFile
      BASELINE_MODE: baselineMode
      ACTOR_DETAIL: actorDetail
      HTTP_TENANT_ID: httpTenantId
      HTTP_AUDIENCE: httpAudience
    }
  }
  dependsOn: [
    roles
  ]
}

// Without public calls the app is reached over an endpoint of its own.
module appEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork && !publicInbound) {
  name: 'app-endpoint'
  scope: group
  params: {
    name: 'pe-${name}-app'
    location: location
    tags: allTags
    targetId: app.outputs.id
    groupId: 'sites'
    zoneName: 'privatelink.${app.outputs.domain}'
    networkId: network!.outputs.networkId
    subnetId: network!.outputs.endpointSubnetId
  }
}

module actions 'modules/action-group.bicep' = if (!empty(alertEmail) || !empty(alertWebhook)) {
  name: 'action-group'
  scope: group
  params: {
    name: 'ag-${name}'
    email: alertEmail
    webhook: alertWebhook
    tags: allTags
  }
}

var ownActionGroups = empty(alertEmail) && empty(alertWebhook) ? [] : ['${group.id}/providers/Microsoft.Insights/actionGroups/ag-${name}']
var actionGroupIds = concat(ownActionGroups, empty(existingActionGroupId) ? [] : [existingActionGroupId])

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    name: name
    location: tables.outputs.workspaceLocation
    workspaceId: workspaceId
    ruleId: ingestion.outputs.ruleId
    actionGroupIds: actionGroupIds
    sweepEveryMinutes: sweepEveryMinutes
    tags: allTags
  }
  dependsOn: [
    actions
  ]
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    workspaceId: workspaceId
    tags: allTags
  }
}

// Last, so that a deployment that replaces something is through.
module lock 'modules/lock.bicep' = if (lockResources) {
  name: 'lock'
  scope: group
  params: {
    name: name
  }
  dependsOn: [
    app
    appEndpoint
    alerts
    workbook
  ]
}

// azd keeps these in its environment; the postdeploy hook reads them.
output AZURE_RESOURCE_GROUP string = group.name
output MONITOR_NAME string = name
output MONITOR_APP_NAME string = app.outputs.name
output MONITOR_APP_ID string = app.outputs.id
output MONITOR_STORAGE_ID string = storage.outputs.id
output MONITOR_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output MONITOR_ACTION_GROUP_ID string = empty(actionGroupIds) ? '' : actionGroupIds[0]
output MONITOR_WATCHED_SUBSCRIPTIONS string = join(subscriptionIds, ',')
output MONITOR_WATCHED_MANAGEMENT_GROUPS string = watchedManagementGroups
output MONITOR_EVENT_DELIVERY string = publicInbound ? 'function' : 'queue'
