"""The object stores behind `vault.store.ObjectStore`: memory, directory, S3 through the minio SDK."""
