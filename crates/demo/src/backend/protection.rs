//! Configuration documents that protect a bucket: encryption, object lock, public access block, ownership. They are kept
//! and given back; of these only the public access block has an effect.

use s3s::dto;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use super::settings::{change, read};
use crate::shared::Shared;

/// A setting that isn't there, by the code that S3 has for it.
fn unset(code: &'static str, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(http::StatusCode::NOT_FOUND);
    error
}

pub(super) async fn encryption(
    shared: &Shared,
    request: S3Request<dto::GetBucketEncryptionInput>,
) -> S3Result<dto::GetBucketEncryptionOutput> {
    let found = read(shared, &request.input.bucket, |settings| {
        settings.encryption.clone()
    })?;
    let missing = || {
        unset(
            "ServerSideEncryptionConfigurationNotFoundError",
            "The server side encryption configuration was not found",
        )
    };
    Ok(dto::GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(found.ok_or_else(missing)?),
    })
}

pub(super) async fn put_encryption(
    shared: &Shared,
    request: S3Request<dto::PutBucketEncryptionInput>,
) -> S3Result<dto::PutBucketEncryptionOutput> {
    let wanted = request.input.server_side_encryption_configuration;
    change(shared, &request.input.bucket, |settings| {
        settings.encryption = Some(wanted)
    })?;
    Ok(dto::PutBucketEncryptionOutput::default())
}

pub(super) async fn object_lock(
    shared: &Shared,
    request: S3Request<dto::GetObjectLockConfigurationInput>,
) -> S3Result<dto::GetObjectLockConfigurationOutput> {
    let found = read(shared, &request.input.bucket, |settings| {
        settings.object_lock.clone()
    })?;
    let missing = || {
        unset(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        )
    };
    Ok(dto::GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(found.ok_or_else(missing)?),
    })
}

pub(super) async fn put_object_lock(
    shared: &Shared,
    request: S3Request<dto::PutObjectLockConfigurationInput>,
) -> S3Result<dto::PutObjectLockConfigurationOutput> {
    let wanted = request.input.object_lock_configuration;
    let wanted = wanted.ok_or_else(|| s3_error!(MalformedXML, "the configuration is missing"))?;
    change(shared, &request.input.bucket, |settings| {
        settings.object_lock = Some(wanted)
    })?;
    Ok(dto::PutObjectLockConfigurationOutput::default())
}

pub(super) async fn public_access_block(
    shared: &Shared,
    request: S3Request<dto::GetPublicAccessBlockInput>,
) -> S3Result<dto::GetPublicAccessBlockOutput> {
    let found = read(shared, &request.input.bucket, |settings| {
        settings.public_access_block.clone()
    })?;
    let missing = || {
        unset(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
    };
    Ok(dto::GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(found.ok_or_else(missing)?),
    })
}

pub(super) async fn put_public_access_block(
    shared: &Shared,
    request: S3Request<dto::PutPublicAccessBlockInput>,
) -> S3Result<dto::PutPublicAccessBlockOutput> {
    let wanted = request.input.public_access_block_configuration;
    change(shared, &request.input.bucket, |settings| {
        settings.public_access_block = Some(wanted)
    })?;
    Ok(dto::PutPublicAccessBlockOutput::default())
}

pub(super) async fn ownership(
    shared: &Shared,
    request: S3Request<dto::GetBucketOwnershipControlsInput>,
) -> S3Result<dto::GetBucketOwnershipControlsOutput> {
    let found = read(shared, &request.input.bucket, |settings| {
        settings.ownership.clone()
    })?;
    let missing = || {
        unset(
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        )
    };
    Ok(dto::GetBucketOwnershipControlsOutput {
        ownership_controls: Some(found.ok_or_else(missing)?),
    })
}

pub(super) async fn put_ownership(
    shared: &Shared,
    request: S3Request<dto::PutBucketOwnershipControlsInput>,
) -> S3Result<dto::PutBucketOwnershipControlsOutput> {
    let wanted = request.input.ownership_controls;
    change(shared, &request.input.bucket, |settings| {
        settings.ownership = Some(wanted)
    })?;
    Ok(dto::PutBucketOwnershipControlsOutput::default())
}
