param name string

@description('Region of the workspace.')
param location string

param workspaceId string

@description('Resource id of the data collection rule.')
param ruleId string

param actionGroupIds string[]
param sweepEveryMinutes int
param tags object

// Severity 0 is the worst. A stateful rule resolves by itself; a stateless one tells every evaluation that finds something.
// The window is the whole range of the query: a query that gives no TimeGenerated is counted once over all of it.
var logAlerts = [
  {
    id: 'open-exposure'
    title: 'Database exposure: open'
    description: 'A server has open findings of this severity. Clears when the last of them is resolved or exempted.'
    query: loadTextContent('../alerts/open-exposure.kql')
    severity: 1
    stateful: true
    every: 'PT5M'
    window: 'P2D'
    dimensions: [
      'ServerId'
      'Severity'
    ]
  }
  {
    id: 'new-exposure'
    title: 'Database exposure: opened or widened'
    description: 'An exposure was opened or widened: on which server, from which reach to which, and by whom.'
    query: loadTextContent('../alerts/new-exposure.kql')
    severity: 1
    stateful: false
    every: 'PT5M'
    window: 'P2D'
    dimensions: [
      'ServerId'
      'ReachChange'
      'Author'
    ]
  }
  {
    id: 'first-sweep'
    title: 'Database exposure: inventory'
    description: 'What the first sweep of a subscription found; the search result says how many findings on how many servers.'
    query: loadTextContent('../alerts/first-sweep.kql')
    severity: 2
    stateful: true
    every: 'PT5M'
    window: 'P2D'
    dimensions: []
  }
  {
    id: 'storm'
    title: 'Database exposure: more than 200 new findings in 15 minutes'
    description: 'Many servers changed at once: look for one cause before reading them one by one.'
    query: loadTextContent('../alerts/storm.kql')
    severity: 0
    stateful: true
    every: 'PT5M'
    window: 'P2D'
    dimensions: []
  }
  {
    id: 'monitor-silent'
    title: 'Database exposure: the monitor is silent'
    description: 'No sweep for two periods or no heartbeat for 20 minutes: nothing is watched, whatever other alerts say.'
    query: replace(loadTextContent('../alerts/monitor-silent.kql'), 'ago(35m)', 'ago(${2 * sweepEveryMinutes + 5}m)')
    severity: 0
    stateful: true
    every: 'PT5M'
    window: 'P1D'
    dimensions: []
  }
  {
    id: 'rows-not-published'
    title: 'Database exposure: rows are not accepted'
    description: 'Committed rows have waited for more than 15 minutes for Log Analytics.'
    query: loadTextContent('../alerts/rows-not-published.kql')
    severity: 1
    stateful: true
    every: 'PT5M'
    window: 'PT30M'
    dimensions: []
  }
  {
    id: 'failed-assessments'
    title: 'Database exposure: failed assessments or dead letters'
    description: 'Messages that never succeeded, or events that could not be delivered, are stored.'
    query: loadTextContent('../alerts/failed-assessments.kql')
    severity: 2
    stateful: true
    every: 'PT5M'
    window: 'PT30M'
    dimensions: []
  }
  {
    id: 'coverage-lost'
    title: 'Database exposure: coverage is lost'
    description: 'A subscription in scope did not answer the last sweep, a part of the monitor is missing or switched off, or for an hour no sweep read everything.'
    query: loadTextContent('../alerts/coverage-lost.kql')
    severity: 1
    stateful: true
    every: 'PT5M'
    window: 'PT4H'
    dimensions: []
  }
]

resource logAlertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in logAlerts: {
  name: '${name}-${alert.id}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: alert.title
    description: alert.description
    enabled: true
    severity: alert.severity
    scopes: [
      workspaceId
    ]
    evaluationFrequency: alert.every
    windowSize: alert.window
    autoMitigate: alert.stateful
    // The tables are empty when the rules are made.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: alert.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: map(alert.dimensions, dimension => {
            name: dimension
            operator: 'Include'
            values: [
              '*'
            ]
          })
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: actionGroupIds
    }
  }
}]

// What the log alerts cannot see, because it keeps rows from arriving: measured by Azure Monitor itself.
var metricAlerts = [
  {
    id: 'ingestion-refused'
    title: 'Database exposure: ingestion is refused'
    description: 'The data collection rule answers with errors: a missing role, a throttle or a body that does not fit.'
    metric: 'ApiCallReceived_Count'
    aggregation: 'Count'
    operator: 'GreaterThan'
    window: 'PT15M'
    dimensions: [
      {
        name: 'ResponseCode'
        operator: 'Exclude'
        values: [
          '200'
          '204'
        ]
      }
    ]
  }
  {
    id: 'rows-dropped'
    title: 'Database exposure: rows are dropped'
    description: 'The data collection rule took rows and dropped them: streams and tables do not fit together.'
    metric: 'RowsDropped_Count'
    aggregation: 'Total'
    operator: 'GreaterThan'
    window: 'PT15M'
    dimensions: []
  }
  {
    id: 'no-ingestion'
    title: 'Database exposure: nothing is sent'
    description: 'The monitor sent nothing for half an hour, though heartbeats are due every five minutes.'
    metric: 'ApiCallReceived_Count'
    aggregation: 'Count'
    operator: 'LessThan'
    window: 'PT30M'
    dimensions: []
  }
]

resource metricAlertRules 'Microsoft.Insights/metricAlerts@2018-03-01' = [for alert in metricAlerts: {
  name: '${name}-${alert.id}'
  location: 'global'
  tags: tags
  properties: {
    description: '${alert.title}. ${alert.description}'
    enabled: true
    severity: 1
    scopes: [
      ruleId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: alert.window
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: alert.id
          metricNamespace: 'Microsoft.Insights/datacollectionrules'
          metricName: alert.metric
          timeAggregation: alert.aggregation
          operator: alert.operator
          threshold: alert.operator == 'LessThan' ? 1 : 0
          dimensions: alert.dimensions
          skipMetricValidation: true
        }
      ]
    }
    actions: map(actionGroupIds, id => {
      actionGroupId: id
    })
  }
}]

// Somebody takes the monitor itself apart. The plumbing in watched subscriptions is guarded by events.bicep.
var guardedOperations = [
  'Microsoft.Web/sites/delete'
  'Microsoft.Web/sites/stop/action'
  'Microsoft.Web/sites/config/write'
  'Microsoft.ManagedIdentity/userAssignedIdentities/delete'
  'Microsoft.Storage/storageAccounts/delete'
  'Microsoft.Insights/dataCollectionRules/write'
  'Microsoft.Insights/dataCollectionRules/delete'
  'Microsoft.Insights/scheduledQueryRules/write'
  'Microsoft.Insights/scheduledQueryRules/delete'
  'Microsoft.Insights/metricAlerts/write'
  'Microsoft.Insights/metricAlerts/delete'
  'Microsoft.Insights/actionGroups/delete'
  'Microsoft.Authorization/roleAssignments/delete'
  'Microsoft.Authorization/locks/delete'
  'Microsoft.EventGrid/systemTopics/delete'
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete'
]

var groupId = resourceGroup().id

resource plumbingAlert 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: '${name}-plumbing-changed'
  location: 'global'
  tags: tags
  properties: {
    description: 'A part of the monitor was changed or deleted. Expected during a deployment, and only then.'
    enabled: true
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
          anyOf: map(guardedOperations, operation => {
            field: 'operationName'
            equals: operation
          })
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
