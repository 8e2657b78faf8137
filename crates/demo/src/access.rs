//! Who may do what: signatures by `s3s`, tenants and limited keys by us.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Result, s3_error};

use crate::operation::{Operation, Target, virtual_bucket};
use crate::request_log::Notes;
use crate::shared::Shared;
use crate::world::{Grant, World};

/// Looks up secrets for the check of signatures.
pub(crate) struct Keys(pub(crate) Arc<Shared>);

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let world = self.0.read();
        let key = world.keys.get(access_key).ok_or_else(|| {
            s3_error!(
                InvalidAccessKeyId,
                "The access key id you provided does not exist in our records."
            )
        })?;
        Ok(SecretKey::from(key.secret.expose()))
    }
}

/// Asks [`authorize`] before each operation.
pub(crate) struct Gate(pub(crate) Arc<Shared>);

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let access_key = context
            .credentials()
            .map(|credentials| credentials.access_key.clone());
        let bucket = context.s3_path().get_bucket_name().map(str::to_owned);
        let operation = match context.extensions_mut().get::<Target>() {
            Some(target) => target.operation,
            None => Operation::Other,
        };
        if let (Some(notes), Some(key)) = (context.extensions_mut().get::<Arc<Notes>>(), &access_key) {
            notes.signed_by(key);
        }
        authorize(
            &self.0.read(),
            access_key.as_deref(),
            operation,
            bucket.as_deref(),
        )
    }
}

/// `BUCKET.localhost` beside path-style; any other host is path-style.
pub(crate) struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let domain = VirtualHost::new("localhost");
        Ok(match virtual_bucket(host) {
            Some(bucket) => domain.with_bucket(bucket),
            None => domain,
        })
    }
}

/// Whether the key may do this. Other tenants' buckets are told apart from missing ones, as in S3.
pub(crate) fn authorize(
    world: &World,
    access_key: Option<&str>,
    operation: Operation,
    bucket: Option<&str>,
) -> S3Result<()> {
    let needed = Need::of(operation);
    let denied = || s3_error!(AccessDenied, "Access Denied");
    let Some(key) = access_key.and_then(|id| world.keys.get(id)) else {
        let open = bucket
            .and_then(|name| world.buckets.get(name))
            .is_some_and(|found| found.settings.opens(operation, false));
        return if open { Ok(()) } else { Err(denied()) };
    };
    let Some(name) = bucket else {
        return if key.grants.is_none() {
            Ok(())
        } else {
            Err(denied())
        };
    };
    let Some(found) = world.buckets.get(name) else {
        return match (operation, &key.grants) {
            (Operation::CreateBucket, None) => Ok(()),
            (Operation::CreateBucket, Some(_)) => Err(denied()),
            _ => Err(s3_error!(NoSuchBucket, "The specified bucket does not exist")),
        };
    };
    if operation == Operation::CreateBucket {
        // The backend tells the owner and others apart.
        return if key.grants.is_none() {
            Ok(())
        } else {
            Err(denied())
        };
    }
    if found.owner != key.tenant {
        return if found.settings.opens(operation, true) {
            Ok(())
        } else {
            Err(denied())
        };
    }
    let Some(grants) = &key.grants else { return Ok(()) };
    let granted = grants
        .iter()
        .find(|(bucket, _)| bucket == name)
        .map(|(_, grant)| *grant);
    match (needed, granted) {
        (Need::At(needed), Some(granted)) if granted >= needed => Ok(()),
        _ => Err(denied()),
    }
}

enum Need {
    /// At least this grant.
    At(Grant),
    /// A key without limits.
    Owner,
}

impl Need {
    fn of(operation: Operation) -> Self {
        use Operation as O;
        match operation {
            O::HeadBucket
            | O::GetBucketLocation
            | O::ListObjects
            | O::ListObjectsV2
            | O::ListObjectVersions => Self::At(Grant::Read),
            O::GetObject | O::HeadObject | O::ListMultipartUploads | O::ListParts => Self::At(Grant::Read),
            O::PutObject | O::CopyObject | O::DeleteObject | O::DeleteObjects | O::CreateMultipartUpload => {
                Self::At(Grant::ReadWrite)
            }
            O::UploadPart | O::UploadPartCopy | O::CompleteMultipartUpload | O::AbortMultipartUpload => {
                Self::At(Grant::ReadWrite)
            }
            O::GetBucketVersioning | O::PutBucketVersioning | O::GetBucketLogging | O::PutBucketLogging => {
                Self::At(Grant::FullAccess)
            }
            O::GetBucketLifecycle | O::PutBucketLifecycle | O::DeleteBucketLifecycle => {
                Self::At(Grant::FullAccess)
            }
            O::GetBucketPolicy | O::PutBucketPolicy | O::DeleteBucketPolicy => Self::At(Grant::FullAccess),
            O::GetBucketPolicyStatus
            | O::GetBucketEncryption
            | O::GetObjectLockConfiguration
            | O::GetPublicAccessBlock
            | O::GetBucketOwnershipControls => Self::At(Grant::FullAccess),
            O::GetBucketCors | O::PutBucketCors | O::DeleteBucketCors | O::DeleteBucket | O::Other => {
                Self::At(Grant::FullAccess)
            }
            O::ListBuckets
            | O::CreateBucket
            | O::GetBucketAcl
            | O::PutBucketAcl
            | O::GetObjectAcl
            | O::PutObjectAcl => Self::Owner,
        }
    }
}
