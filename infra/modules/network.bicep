param name string
param location string
param tags object

@description('At least a /24.')
param addressSpace string

param storageId string

var storageServices = [
  'blob'
  'queue'
  'table'
]

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${name}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressSpace
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 26, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 26, 1)
        }
      }
    ]
  }
}

module endpoints 'private-endpoint.bicep' = [for service in storageServices: {
  name: 'endpoint-${service}'
  params: {
    name: 'pe-${name}-${service}'
    location: location
    tags: tags
    targetId: storageId
    groupId: service
    zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
    networkId: network.id
    subnetId: '${network.id}/subnets/endpoints'
  }
}]

output networkId string = network.id
output appSubnetId string = '${network.id}/subnets/app'
output endpointSubnetId string = '${network.id}/subnets/endpoints'
