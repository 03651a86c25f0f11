@description('Name of a system topic for this subscription in this resource group that is there already. Empty: one is made.')
param existingName string

param name string
param tags object

// A subscription has one topic at most, and it lies in that subscription.
resource made 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (empty(existingName)) {
  name: name
  location: 'global'
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
  }
}

resource found 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = if (!empty(existingName)) {
  name: existingName
}

output name string = empty(existingName) ? made.name : existingName

@description('Object id of the topic\'s own identity, which writes dead letters. One that was there already must have it.')
output principalId string = empty(existingName) ? made!.identity.principalId : found!.identity.principalId
