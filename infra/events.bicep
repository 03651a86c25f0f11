targetScope = 'subscription'

metadata description = 'Sends the changes of one watched subscription to the monitor. Deployed once in each, after the app: Event Grid takes no function that is not there yet.'

@description('Name of the monitor\'s deployment, as in main.bicep.')
param name string = 'db-exposure'

@description('Region of the resource group; the topic itself is global.')
param location string = deployment().location

@description('Resource group in this subscription for the topic. Where there is a topic already: its resource group.')
param resourceGroupName string = 'rg-${name}-events'

@description('Name of the system topic that this subscription has already, in that resource group. Empty: one is made. It must have a system-assigned identity.')
param existingSystemTopicName string = ''

@description('Resource id of the function app, the output MONITOR_APP_ID of main.bicep.')
param appId string

@description('Resource id of the monitor\'s storage account, the output MONITOR_STORAGE_ID of main.bicep.')
param storageId string

@description('function: Event Grid calls the app. queue: Event Grid writes to the storage queue, for an app that takes no calls from outside.')
@allowed([
  'function'
  'queue'
])
param eventDelivery string = 'function'

@description('Resource id of an action group that is told when this plumbing is changed. Empty: nobody.')
param actionGroupId string = ''

@description('Tags of every resource.')
param tags object = {}

var toQueue = eventDelivery == 'queue'
var storageParts = split(storageId, '/')

// The group of a topic that is there already belongs to somebody else: it is not written.
resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = if (empty(existingSystemTopicName)) {
  name: resourceGroupName
  location: location
  tags: tags
}

module topic 'modules/system-topic.bicep' = {
  name: 'system-topic'
  scope: resourceGroup(resourceGroupName)
  params: {
    existingName: existingSystemTopicName
    name: 'evgt-${name}'
    tags: tags
  }
  dependsOn: [
    group
  ]
}

module access 'modules/topic-access.bicep' = {
  name: 'topic-access-${take(uniqueString(subscription().id, name), 8)}'
  scope: resourceGroup(storageParts[2], storageParts[4])
  params: {
    principalId: topic.outputs.principalId
    storageName: last(storageParts)
    toQueue: toQueue
  }
}

module changes 'modules/event-subscription.bicep' = {
  name: 'event-subscription'
  scope: resourceGroup(resourceGroupName)
  params: {
    topicName: topic.outputs.name
    name: name
    appId: appId
    storageId: storageId
    toQueue: toQueue
    actionGroupIds: empty(actionGroupId) ? [] : [actionGroupId]
    tags: tags
  }
  dependsOn: [
    access
  ]
}

output topicName string = topic.outputs.name
