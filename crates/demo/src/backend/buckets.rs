//! Buckets themselves.

use s3s::dto;
use s3s::{S3Request, S3Result, s3_error};

use super::{no_such_bucket, owner, tenant};
use crate::civil::timestamp;
use crate::shared::Shared;
use crate::world::Bucket;

/// As many buckets as a Spaces account may have.
const MOST_BUCKETS: usize = 100;

pub(super) async fn list(
    shared: &Shared,
    request: S3Request<dto::ListBucketsInput>,
) -> S3Result<dto::ListBucketsOutput> {
    let tenant = tenant(shared, &request)?;
    let world = shared.read();
    let buckets = world.buckets.iter().filter(|(_, bucket)| bucket.owner == tenant);
    let buckets = buckets.map(|(name, bucket)| dto::Bucket {
        name: Some(name.clone()),
        creation_date: Some(timestamp(bucket.created)),
        ..dto::Bucket::default()
    });
    Ok(dto::ListBucketsOutput {
        buckets: Some(buckets.collect()),
        owner: world.tenants.get(tenant).map(|name| owner(name)),
        ..dto::ListBucketsOutput::default()
    })
}

pub(super) async fn create(
    shared: &Shared,
    request: S3Request<dto::CreateBucketInput>,
) -> S3Result<dto::CreateBucketOutput> {
    let tenant = tenant(shared, &request)?;
    let name = request.input.bucket;
    let now = shared.now();
    let mut world = shared.write();
    // As Ceph's gateway: creating one's own bucket again is no error.
    match world.buckets.get(&name) {
        Some(bucket) if bucket.owner != tenant => {
            return Err(s3_error!(
                BucketAlreadyExists,
                "The requested bucket name is not available"
            ));
        }
        Some(_) => {}
        None => {
            if world
                .buckets
                .values()
                .filter(|bucket| bucket.owner == tenant)
                .count()
                >= MOST_BUCKETS
            {
                return Err(s3_error!(TooManyBuckets));
            }
            world.buckets.insert(name.clone(), Bucket::new(tenant, now));
        }
    }
    Ok(dto::CreateBucketOutput {
        location: Some(format!("/{name}")),
    })
}

pub(super) async fn delete(
    shared: &Shared,
    request: S3Request<dto::DeleteBucketInput>,
) -> S3Result<dto::DeleteBucketOutput> {
    let mut world = shared.write();
    let bucket = world
        .buckets
        .get(&request.input.bucket)
        .ok_or_else(no_such_bucket)?;
    if !bucket.is_empty() {
        return Err(s3_error!(
            BucketNotEmpty,
            "The bucket you tried to delete is not empty"
        ));
    }
    world.buckets.remove(&request.input.bucket);
    Ok(dto::DeleteBucketOutput::default())
}

pub(super) async fn head(
    shared: &Shared,
    request: S3Request<dto::HeadBucketInput>,
) -> S3Result<dto::HeadBucketOutput> {
    let world = shared.read();
    world
        .buckets
        .get(&request.input.bucket)
        .ok_or_else(no_such_bucket)?;
    Ok(dto::HeadBucketOutput {
        bucket_region: Some(shared.region.clone()),
        ..dto::HeadBucketOutput::default()
    })
}

pub(super) async fn location(
    shared: &Shared,
    request: S3Request<dto::GetBucketLocationInput>,
) -> S3Result<dto::GetBucketLocationOutput> {
    let world = shared.read();
    world
        .buckets
        .get(&request.input.bucket)
        .ok_or_else(no_such_bucket)?;
    Ok(dto::GetBucketLocationOutput {
        location_constraint: Some(dto::BucketLocationConstraint::from(shared.region.clone())),
    })
}
