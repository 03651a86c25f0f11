param topicName string
param name string

@description('Resource id of the function app.')
param appId string

@description('Resource id of the monitor\'s storage account.')
param storageId string

@description('True: straight to the queue, by the topic\'s identity. False: to the function.')
param toQueue bool

@description('Action groups that are told when the topic or the subscription to it is changed.')
param actionGroupIds string[]

param tags object

// Only what may change who reaches a database. The function matches exactly; this keeps the rest of the noise away.
var watchedEventTypes = [
  'Microsoft.Resources.ResourceWriteSuccess'
  'Microsoft.Resources.ResourceDeleteSuccess'
  'Microsoft.Resources.ResourceActionSuccess'
]
var watchedOperations = [
  'Microsoft.DBfor'
  'Microsoft.Sql/servers'
  'Microsoft.Network/privateEndpoints'
  'Microsoft.Network/privateDnsZones'
  'Microsoft.Network/virtualNetworks'
  'Microsoft.Network/networkSecurityGroups'
  'Microsoft.Insights/diagnosticSettings'
]

var functionDestination = {
  endpointType: 'AzureFunction'
  properties: {
    resourceId: '${appId}/functions/onResourceChange'
    maxEventsPerBatch: 1
    preferredBatchSizeInKilobytes: 64
  }
}
var queueDelivery = {
  identity: {
    type: 'SystemAssigned'
  }
  destination: {
    endpointType: 'StorageQueue'
    properties: {
      resourceId: storageId
      queueName: 'assessments'
      queueMessageTimeToLiveInSeconds: -1
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource changes 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    destination: toQueue ? null : functionDestination
    deliveryWithResourceIdentity: toQueue ? queueDelivery : null
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storageId
          blobContainerName: 'eg-deadletter'
        }
      }
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    filter: {
      includedEventTypes: watchedEventTypes
      advancedFilters: [
        {
          operatorType: 'StringBeginsWith'
          key: 'data.operationName'
          values: watchedOperations
        }
      ]
    }
  }
}

var groupId = resourceGroup().id

resource plumbingAlert 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: '${name}-plumbing-changed'
  location: 'global'
  tags: tags
  properties: {
    description: 'The topic or the event subscription of the database exposure monitor was changed or deleted.'
    enabled: !empty(actionGroupIds)
    scopes: [
      groupId
    ]
    condition: {
      allOf: [
        {
          field: 'category'
          equals: 'Administrative'
        }
        {
          field: 'status'
          equals: 'Succeeded'
        }
        {
          anyOf: [
            {
              field: 'operationName'
              equals: 'Microsoft.EventGrid/systemTopics/delete'
            }
            {
              field: 'operationName'
              equals: 'Microsoft.EventGrid/systemTopics/eventSubscriptions/write'
            }
            {
              field: 'operationName'
              equals: 'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete'
            }
          ]
        }
      ]
    }
    actions: {
      actionGroups: map(actionGroupIds, id => {
        actionGroupId: id
      })
    }
  }
}
