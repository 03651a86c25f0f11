param name string

// Contributors may still change what is there; only owners can take the lock away.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: '${name}-do-not-delete'
  properties: {
    level: 'CanNotDelete'
    notes: 'The database exposure monitor. Remove this lock before you uninstall it.'
  }
}
