//! Objects: reading, writing, copying, deleting.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{self, ETagCondition};
use s3s::{Body, S3Error, S3Request, S3Result, s3_error};

use super::{body, keep, no_such_bucket, read_only, storage_class, tenant};
use crate::access::authorize;
use crate::civil::timestamp;
use crate::content::Content;
use crate::faults::Plan;
use crate::operation::Operation;
use crate::request_log::Notes;
use crate::shared::Shared;
use crate::world::{Bucket, Contents, Deleted, Etag, Headers, Object, Version, Versioning, World};

/// An object found for reading.
pub(super) struct Found {
    pub(super) object: Arc<Object>,
    modified: i64,
    version: Option<String>,
}

pub(super) fn find(world: &World, bucket: &str, key: &str, version: Option<&str>) -> S3Result<Found> {
    let bucket = world.buckets.get(bucket).ok_or_else(no_such_bucket)?;
    let no_such_key = || s3_error!(NoSuchKey, "The specified key does not exist.");
    let found = match version {
        Some(id) => find_version(bucket, key, id)?,
        None => bucket.newest(key).ok_or_else(no_such_key)?,
    };
    let id = (bucket.versioning != Versioning::Never).then(|| found.id.to_string());
    match found.object {
        Some(object) => Ok(Found {
            object,
            modified: found.modified,
            version: id,
        }),
        None => {
            let mut error = match version {
                Some(_) => s3_error!(
                    MethodNotAllowed,
                    "The specified method is not allowed against a delete marker."
                ),
                None => no_such_key(),
            };
            error.set_headers(marker_headers(id.as_deref()));
            Err(error)
        }
    }
}

fn find_version(bucket: &Bucket, key: &str, id: &str) -> S3Result<Version> {
    let history = match &bucket.contents {
        Contents::Stored(keys) => keys.get(key),
        Contents::Synthetic(_) if id == "null" => {
            return bucket.newest(key).ok_or_else(|| s3_error!(NoSuchKey));
        }
        Contents::Synthetic(_) => None,
    };
    let found = history.and_then(|history| history.find(id)).cloned();
    found.ok_or_else(|| s3_error!(NoSuchVersion, "The specified version does not exist."))
}

fn marker_headers(version: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-delete-marker", HeaderValue::from_static("true"));
    if let Some(id) = version.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert("x-amz-version-id", id);
    }
    headers
}

fn matches(condition: &ETagCondition, etag: Etag) -> bool {
    condition
        .as_etag()
        .is_none_or(|wanted| wanted.value() == etag.to_string())
}

fn check_conditions(
    found: &Found,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    if if_match.is_some_and(|condition| !matches(condition, found.object.etag)) {
        return Err(s3_error!(
            PreconditionFailed,
            "At least one of the preconditions did not hold"
        ));
    }
    if if_none_match.is_some_and(|condition| matches(condition, found.object.etag)) {
        let mut error = S3Error::new(s3s::S3ErrorCode::NotModified);
        error.set_status_code(http::StatusCode::NOT_MODIFIED);
        return Err(error);
    }
    Ok(())
}

/// Whether a fault gives the object another ETag, against which the conditions were checked before.
fn is_changed<T>(request: &S3Request<T>) -> bool {
    request.extensions.get::<Plan>().is_some_and(|plan| plan.changed)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) async fn get(
    shared: &Shared,
    request: S3Request<dto::GetObjectInput>,
) -> S3Result<dto::GetObjectOutput> {
    let changed = is_changed(&request);
    let input = request.input;
    let found = find(
        &shared.read(),
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    if !changed {
        check_conditions(&found, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    }
    let size = found.object.content.size();
    let range = input.range.map(|range| range.check(size)).transpose()?;
    let content = match &range {
        Some(range) => found.object.content.slice(range.clone()),
        None => found.object.content.clone(),
    };
    let headers = found.object.headers.clone();
    Ok(dto::GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(signed(content.size())),
        content_range: range.map(|range| format!("bytes {}-{}/{size}", range.start, range.end - 1)),
        body: Some(blob(content)),
        content_type: headers.content_type,
        cache_control: headers.cache_control,
        content_disposition: headers.content_disposition,
        content_encoding: headers.content_encoding,
        content_language: headers.content_language,
        metadata: headers.metadata,
        e_tag: Some(found.object.etag.dto()),
        last_modified: Some(timestamp(found.modified)),
        storage_class: told_class(&found.object),
        version_id: found.version,
        ..dto::GetObjectOutput::default()
    })
}

fn told_class(object: &Object) -> Option<dto::StorageClass> {
    (object.storage_class != "STANDARD").then(|| dto::StorageClass::from(object.storage_class.to_owned()))
}

fn blob(content: Content) -> dto::StreamingBlob {
    match content.small() {
        Some(bytes) => dto::StreamingBlob::from(Body::from(bytes)),
        None => dto::StreamingBlob::wrap(futures::stream::iter(content.into_chunks())),
    }
}

pub(super) async fn head(
    shared: &Shared,
    request: S3Request<dto::HeadObjectInput>,
) -> S3Result<dto::HeadObjectOutput> {
    let changed = is_changed(&request);
    let input = request.input;
    let found = find(
        &shared.read(),
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    if !changed {
        check_conditions(&found, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    }
    let headers = found.object.headers.clone();
    Ok(dto::HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(signed(found.object.content.size())),
        content_type: headers.content_type,
        cache_control: headers.cache_control,
        content_disposition: headers.content_disposition,
        content_encoding: headers.content_encoding,
        content_language: headers.content_language,
        metadata: headers.metadata,
        e_tag: Some(found.object.etag.dto()),
        last_modified: Some(timestamp(found.modified)),
        storage_class: told_class(&found.object),
        version_id: found.version,
        ..dto::HeadObjectOutput::default()
    })
}

pub(super) async fn put(
    shared: &Shared,
    request: S3Request<dto::PutObjectInput>,
) -> S3Result<dto::PutObjectOutput> {
    let input = request.input;
    let length = input.content_length.and_then(|length| u64::try_from(length).ok());
    if length.is_some_and(|length| length > shared.limits.body_bytes) {
        return Err(s3_error!(
            EntityTooLarge,
            "Your proposed upload exceeds the maximum allowed size"
        ));
    }
    let bytes = body(shared, input.body).await?;
    let etag = Etag {
        digest: Md5::checksum(&bytes),
        parts: 0,
    };
    let object = Object {
        content: keep(shared, bytes)?,
        etag,
        storage_class: storage_class(input.storage_class.as_ref().map(dto::StorageClass::as_str)),
        headers: Headers {
            content_type: input
                .content_type
                .or_else(|| Some("binary/octet-stream".to_owned())),
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            metadata: input.metadata,
        },
    };
    let now = shared.now();
    let mut world = shared.write();
    check_write(
        &world,
        &input.bucket,
        &input.key,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    let version = store(&mut world, &input.bucket, &input.key, object, now)?;
    Ok(dto::PutObjectOutput {
        e_tag: Some(etag.dto()),
        version_id: version,
        ..dto::PutObjectOutput::default()
    })
}

/// `If-None-Match: *` and `If-Match` on writing, decided under the same lock as the write.
pub(super) fn check_write(
    world: &World,
    bucket: &str,
    key: &str,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let found = world.buckets.get(bucket).ok_or_else(no_such_bucket)?;
    let current = found.newest(key).and_then(|version| version.object);
    let failed = || {
        s3_error!(
            PreconditionFailed,
            "At least one of the preconditions did not hold"
        )
    };
    match (&current, if_match) {
        (None, Some(_)) => return Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
        (Some(object), Some(condition)) if !matches(condition, object.etag) => return Err(failed()),
        _ => {}
    }
    match (&current, if_none_match) {
        (Some(object), Some(condition)) if matches(condition, object.etag) => Err(failed()),
        _ => Ok(()),
    }
}

/// Stores the object and tells its version id, where the bucket keeps versions.
pub(super) fn store(
    world: &mut World,
    bucket: &str,
    key: &str,
    object: Object,
    now: i64,
) -> S3Result<Option<String>> {
    let versioning = world.buckets.get(bucket).ok_or_else(no_such_bucket)?.versioning;
    let id = world.put(bucket, key, object, now).ok_or_else(read_only)?;
    Ok((versioning != Versioning::Never).then(|| id.to_string()))
}

/// What a copy reads: the source must be readable with the same key.
pub(super) fn copy_source<T>(
    shared: &Shared,
    request: &S3Request<T>,
    source: &dto::CopySource,
) -> S3Result<Found> {
    let dto::CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = source
    else {
        return Err(s3_error!(
            NotImplemented,
            "only BUCKET/KEY is supported as a copy source"
        ));
    };
    let access_key = request
        .credentials
        .as_ref()
        .map(|credentials| credentials.access_key.as_str());
    let world = shared.read();
    authorize(&world, access_key, Operation::GetObject, Some(bucket))?;
    let found = find(&world, bucket, key, version_id.as_deref())?;
    if let Some(notes) = request.extensions.get::<Arc<Notes>>() {
        notes.copied(bucket, key, found.object.content.size());
    }
    Ok(found)
}

pub(super) async fn copy(
    shared: &Shared,
    request: S3Request<dto::CopyObjectInput>,
) -> S3Result<dto::CopyObjectOutput> {
    tenant(shared, &request)?;
    let found = copy_source(shared, &request, &request.input.copy_source)?;
    let input = request.input;
    check_conditions(
        &found,
        input.copy_source_if_match.as_ref(),
        input.copy_source_if_none_match.as_ref(),
    )?;
    let replaces = input
        .metadata_directive
        .as_ref()
        .is_some_and(|directive| directive.as_str() == "REPLACE");
    let mut object = Object::clone(&found.object);
    if let Some(class) = &input.storage_class {
        object.storage_class = storage_class(Some(class.as_str()));
    }
    if replaces {
        object.headers = Headers {
            content_type: input
                .content_type
                .or_else(|| Some("binary/octet-stream".to_owned())),
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            metadata: input.metadata,
        };
    }
    let etag = object.etag;
    let now = shared.now();
    let version = store(&mut shared.write(), &input.bucket, &input.key, object, now)?;
    Ok(dto::CopyObjectOutput {
        copy_object_result: Some(dto::CopyObjectResult {
            e_tag: Some(etag.dto()),
            last_modified: Some(timestamp(now)),
            ..dto::CopyObjectResult::default()
        }),
        version_id: version,
        copy_source_version_id: found.version,
        ..dto::CopyObjectOutput::default()
    })
}

pub(super) async fn delete(
    shared: &Shared,
    request: S3Request<dto::DeleteObjectInput>,
) -> S3Result<dto::DeleteObjectOutput> {
    let input = request.input;
    let now = shared.now();
    let mut world = shared.write();
    check_writable(&world, &input.bucket)?;
    let deleted = world.delete(&input.bucket, &input.key, input.version_id.as_deref(), now);
    Ok(dto::DeleteObjectOutput {
        delete_marker: deleted.marker.then_some(true),
        version_id: deleted.version.map(|id| id.to_string()),
        ..dto::DeleteObjectOutput::default()
    })
}

fn check_writable(world: &World, bucket: &str) -> S3Result<()> {
    match world.buckets.get(bucket).ok_or_else(no_such_bucket)?.contents {
        Contents::Stored(_) => Ok(()),
        Contents::Synthetic(_) => Err(read_only()),
    }
}

pub(super) async fn delete_many(
    shared: &Shared,
    request: S3Request<dto::DeleteObjectsInput>,
) -> S3Result<dto::DeleteObjectsOutput> {
    let notes = request.extensions.get::<Arc<Notes>>().cloned();
    let input = request.input;
    if input.delete.objects.len() > 1000 {
        return Err(s3_error!(
            MalformedXML,
            "at most 1000 keys can be deleted at once"
        ));
    }
    let now = shared.now();
    let mut world = shared.write();
    check_writable(&world, &input.bucket)?;
    let quiet = input.delete.quiet.unwrap_or(false);
    let mut deleted = Vec::new();
    for object in input.delete.objects {
        let outcome = world.delete(&input.bucket, &object.key, object.version_id.as_deref(), now);
        if let Some(notes) = &notes {
            notes.deleted(&object.key, outcome.version.map(|id| id.to_string()));
        }
        if !quiet {
            deleted.push(told(object.key, object.version_id, outcome));
        }
    }
    Ok(dto::DeleteObjectsOutput {
        deleted: Some(deleted),
        ..dto::DeleteObjectsOutput::default()
    })
}

fn told(key: String, version_id: Option<String>, outcome: Deleted) -> dto::DeletedObject {
    let marker_id = outcome
        .version
        .filter(|_| outcome.marker)
        .map(|id| id.to_string());
    dto::DeletedObject {
        key: Some(key),
        version_id,
        delete_marker: outcome.marker.then_some(true),
        delete_marker_version_id: marker_id,
    }
}
