//! The store as `s3s` sees it: each operation, answered from the [`World`](crate::world::World).

mod buckets;
mod multipart;
mod objects;
mod protection;
mod settings;
mod versions;

pub(crate) use multipart::upload_id;
pub(crate) use settings::opened;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use s3s::dto;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use crate::content::Content;
use crate::shared::Shared;

/// The S3 operations.
#[derive(Debug, Clone)]
pub(crate) struct Backend(pub(crate) Arc<Shared>);

macro_rules! serve {
    ($($operation:ident($input:ident) -> $output:ident = $function:path;)*) => {
        #[async_trait::async_trait]
        impl S3 for Backend {
            $(
                async fn $operation(
                    &self,
                    request: S3Request<dto::$input>,
                ) -> S3Result<S3Response<dto::$output>> {
                    $function(&self.0, request).await.map(S3Response::new)
                }
            )*
        }
    };
}

serve! {
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_object(GetObjectInput) -> GetObjectOutput = objects::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = objects::head;
    put_object(PutObjectInput) -> PutObjectOutput = objects::put;
    copy_object(CopyObjectInput) -> CopyObjectOutput = objects::copy;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = objects::delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = objects::delete_many;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput = settings::object_acl;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput = settings::put_object_acl;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = versions::list;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = versions::status;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = versions::put_status;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = multipart::create;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart::upload;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = multipart::upload_copy;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = multipart::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = multipart::abort;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart::parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = multipart::uploads;
    get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = settings::logging;
    put_bucket_logging(PutBucketLoggingInput) -> PutBucketLoggingOutput = settings::put_logging;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput)
        -> GetBucketLifecycleConfigurationOutput = settings::lifecycle;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput)
        -> PutBucketLifecycleConfigurationOutput = settings::put_lifecycle;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput = settings::delete_lifecycle;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = settings::policy;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = settings::put_policy;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = settings::delete_policy;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = settings::cors;
    put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput = settings::put_cors;
    delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput = settings::delete_cors;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = settings::acl;
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput = settings::put_acl;
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput = settings::policy_status;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = protection::encryption;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput = protection::put_encryption;
    get_object_lock_configuration(GetObjectLockConfigurationInput)
        -> GetObjectLockConfigurationOutput = protection::object_lock;
    put_object_lock_configuration(PutObjectLockConfigurationInput)
        -> PutObjectLockConfigurationOutput = protection::put_object_lock;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = protection::public_access_block;
    put_public_access_block(PutPublicAccessBlockInput)
        -> PutPublicAccessBlockOutput = protection::put_public_access_block;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput)
        -> GetBucketOwnershipControlsOutput = protection::ownership;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput)
        -> PutBucketOwnershipControlsOutput = protection::put_ownership;
}

/// The tenant that signed; anonymous requests belong to nobody.
fn tenant<T>(shared: &Shared, request: &S3Request<T>) -> S3Result<usize> {
    let id = request
        .credentials
        .as_ref()
        .map(|credentials| credentials.access_key.as_str());
    let tenant = id.and_then(|id| shared.read().keys.get(id).map(|key| key.tenant));
    tenant.ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}

/// A name as an owner id, which stands in listings: letters, digits and dashes only.
pub(crate) fn owner_id(tenant: &str) -> String {
    tenant
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect()
}

fn owner(tenant: &str) -> dto::Owner {
    dto::Owner {
        display_name: Some(tenant.to_owned()),
        id: Some(owner_id(tenant)),
    }
}

fn no_such_bucket() -> s3s::S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

fn read_only() -> s3s::S3Error {
    s3_error!(
        MethodNotAllowed,
        "the keys of this bucket are computed, it can't be written to"
    )
}

/// Reads a request body, within the limits.
async fn body(shared: &Shared, body: Option<dto::StreamingBlob>) -> S3Result<Bytes> {
    let too_large = || {
        s3_error!(
            EntityTooLarge,
            "Your proposed upload exceeds the maximum allowed size"
        )
    };
    let mut bytes = BytesMut::new();
    let Some(mut body) = body else {
        return Ok(Bytes::new());
    };
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| s3s::S3Error::with_source(s3s::S3ErrorCode::IncompleteBody, error))?;
        if (bytes.len() + chunk.len()) as u64 > shared.limits.body_bytes {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn keep(shared: &Shared, bytes: Bytes) -> S3Result<Content> {
    shared
        .budget
        .keep(bytes)
        .ok_or_else(|| s3_error!(ServiceUnavailable, "the demo store keeps no more uploads"))
}

/// The storage classes there are; others are taken as the usual one.
fn storage_class(class: Option<&str>) -> &'static str {
    const CLASSES: [&str; 4] = ["STANDARD_IA", "REDUCED_REDUNDANCY", "GLACIER", "DEEP_ARCHIVE"];
    CLASSES
        .into_iter()
        .find(|known| Some(*known) == class)
        .unwrap_or("STANDARD")
}
