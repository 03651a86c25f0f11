param name string
param location string
param tags object

@description('Resource id of the user-assigned identity, the only one that the app has.')
param identityId string

param identityClientId string
param storageName string

@description('Address of the blob container that holds the deployed package.')
param packageContainerUrl string

param insightsConnectionString string
param ingestionEndpoint string
param ingestionRuleId string

@description('Subnet that the app leaves through, delegated to Microsoft.App/environments. Empty: no network integration.')
param subnetId string

param publicInbound bool
param maximumInstanceCount int

@description('The monitor\'s own settings: empty ones take their defaults.')
param monitor object

var storageSuffix = environment().suffixes.storage

// No key and no connection string stands here: every door is opened by the identity.
var platformSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: 'https://${storageName}.blob.${storageSuffix}'
  AzureWebJobsStorage__queueServiceUri: 'https://${storageName}.queue.${storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${storageName}.table.${storageSuffix}'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}
var azureSettings = {
  AZURE_CLOUD: environment().name == 'AzureCloud' ? 'AzurePublicCloud' : environment().name
  AZURE_RESOURCE_MANAGER_ENDPOINT: ''
  AZURE_CLIENT_ID: identityClientId
  MONITOR_APP_ID: resourceId('Microsoft.Web/sites', name)
  LOGS_INGESTION_ENDPOINT: ingestionEndpoint
  LOGS_INGESTION_RULE_ID: ingestionRuleId
}
var settings = union(platformSettings, azureSettings, monitor)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'monitor' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicInbound ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: '22'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      appSettings: map(items(settings), setting => {
        name: setting.key
        value: setting.value
      })
    }
  }
}

// Deployment by identity only: the passwords of FTP and of the deployment site are switched off.
resource ftpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scmPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

output id string = app.id
output name string = app.name

@description('The domain of function apps in this cloud, such as azurewebsites.net.')
output domain string = join(skip(split(app.properties.defaultHostName, '.'), 1), '.')
