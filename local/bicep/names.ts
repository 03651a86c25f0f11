/** Functions of the namespaces `sys` and `az` (Microsoft's published list), without those of the language's experiments. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  `any array bool concat contains empty first flatten indexOf int intersection join last lastIndexOf length max min range skip
  take tryGet union base64 base64ToJson base64ToString dataUri dataUriToString endsWith format guid json newGuid padLeft
  replace split startsWith string substring toLower toUpper trim uniqueString uri uriComponent uriComponentToString
  dateTimeAdd dateTimeFromEpoch dateTimeToEpoch utcNow deployment environment loadFileAsBase64 loadJsonContent
  loadTextContent loadYamlContent filter groupBy map mapValues objectKeys reduce shallowMerge sort toObject items parseCidr
  cidrSubnet cidrHost extensionResourceId getSecret listKeys managementGroup managementGroupResourceId pickZones providers
  reference resourceGroup resourceId subscription subscriptionResourceId tenant tenantResourceId fail buildUri parseUri`
    .trim()
    .split(/\s+/),
);

export const NAMESPACES: ReadonlySet<string> = new Set(['az', 'sys']);

/** Decorators of declarations. */
export const DECORATORS: ReadonlySet<string> = new Set(
  'allowed batchSize description discriminator export maxLength maxValue metadata minLength minValue sealed secure'.split(
    ' ',
  ),
);

/** The API versions that the templates may use: ones whose shapes were looked up. */
export const API_VERSIONS: Readonly<Record<string, string>> = {
  'Microsoft.Authorization/locks': '2020-05-01',
  'Microsoft.Authorization/roleAssignments': '2022-04-01',
  'Microsoft.Authorization/roleDefinitions': '2022-04-01',
  'Microsoft.EventGrid/systemTopics': '2025-02-15',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': '2025-02-15',
  'Microsoft.Insights/actionGroups': '2023-01-01',
  'Microsoft.Insights/activityLogAlerts': '2020-10-01',
  'Microsoft.Insights/components': '2020-02-02',
  'Microsoft.Insights/dataCollectionRules': '2024-03-11',
  'Microsoft.Insights/metricAlerts': '2018-03-01',
  'Microsoft.Insights/scheduledQueryRules': '2023-12-01',
  'Microsoft.Insights/workbooks': '2023-06-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities': '2023-01-31',
  'Microsoft.Network/privateDnsZones': '2024-06-01',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': '2024-06-01',
  'Microsoft.Network/privateEndpoints': '2025-05-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': '2025-05-01',
  'Microsoft.Network/virtualNetworks': '2025-05-01',
  'Microsoft.OperationalInsights/workspaces': '2023-09-01',
  'Microsoft.OperationalInsights/workspaces/savedSearches': '2020-08-01',
  'Microsoft.OperationalInsights/workspaces/tables': '2025-07-01',
  'Microsoft.Resources/resourceGroups': '2024-03-01',
  'Microsoft.Storage/storageAccounts': '2023-05-01',
  'Microsoft.Storage/storageAccounts/blobServices': '2023-05-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers': '2023-05-01',
  'Microsoft.Storage/storageAccounts/queueServices': '2023-05-01',
  'Microsoft.Storage/storageAccounts/queueServices/queues': '2023-05-01',
  'Microsoft.Storage/storageAccounts/tableServices': '2023-05-01',
  'Microsoft.Storage/storageAccounts/tableServices/tables': '2023-05-01',
  'Microsoft.Web/serverfarms': '2024-04-01',
  'Microsoft.Web/sites': '2024-04-01',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': '2024-04-01',
};
