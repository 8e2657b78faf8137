//! Multipart uploads.

use std::collections::BTreeMap;
use std::ops::Bound;

use s3s::crypto::{Checksum, Md5};
use s3s::dto;
use s3s::{S3Request, S3Result, s3_error};

use super::objects::{check_write, copy_source, store};
use super::{body, keep, no_such_bucket, owner, read_only, storage_class};
use crate::civil::timestamp;
use crate::content::Content;
use crate::dice::mix;
use crate::listing_xml::{KeyStyle, encoded};
use crate::shared::Shared;
use crate::world::{Contents, Etag, Headers, Object, Upload, UploadedPart, World};

const MOST_PARTS: i32 = 10_000;
const SMALLEST_PART: u64 = 5 * 1024 * 1024;

fn no_such_upload() -> s3s::S3Error {
    s3_error!(NoSuchUpload, "The specified multipart upload does not exist.")
}

fn upload_of<'w>(world: &'w World, bucket: &str, key: &str, id: &str) -> S3Result<&'w Upload> {
    let bucket = world.buckets.get(bucket).ok_or_else(no_such_bucket)?;
    bucket
        .uploads
        .get(&(key.to_owned(), id.to_owned()))
        .ok_or_else(no_such_upload)
}

pub(super) async fn create(
    shared: &Shared,
    request: S3Request<dto::CreateMultipartUploadInput>,
) -> S3Result<dto::CreateMultipartUploadOutput> {
    let input = request.input;
    let started = shared.now();
    let upload = Upload {
        started,
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
        parts: BTreeMap::new(),
    };
    let mut world = shared.write();
    let id = upload_id(world.next_serial());
    let bucket = world.buckets.get_mut(&input.bucket).ok_or_else(no_such_bucket)?;
    if matches!(bucket.contents, Contents::Synthetic(_)) {
        return Err(read_only());
    }
    if bucket.uploads.len() >= shared.limits.open_uploads {
        return Err(s3_error!(
            ServiceUnavailable,
            "the demo store keeps no more open uploads"
        ));
    }
    bucket.uploads.insert((input.key.clone(), id.clone()), upload);
    Ok(dto::CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        ..dto::CreateMultipartUploadOutput::default()
    })
}

/// The id of an upload, which follows from its number.
pub(crate) fn upload_id(serial: u64) -> String {
    format!("2~{:016x}{serial:08x}", mix(serial ^ 0x0070_6c6f_6164))
}

fn add_part(shared: &Shared, place: (&str, &str, &str), number: i32, part: UploadedPart) -> S3Result<()> {
    if !(1..=MOST_PARTS).contains(&number) {
        return Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        ));
    }
    let (bucket, key, id) = place;
    let mut world = shared.write();
    let bucket = world.buckets.get_mut(bucket).ok_or_else(no_such_bucket)?;
    let upload = bucket
        .uploads
        .get_mut(&(key.to_owned(), id.to_owned()))
        .ok_or_else(no_such_upload)?;
    upload.parts.insert(number, part);
    Ok(())
}

pub(super) async fn upload(
    shared: &Shared,
    request: S3Request<dto::UploadPartInput>,
) -> S3Result<dto::UploadPartOutput> {
    let input = request.input;
    upload_of(&shared.read(), &input.bucket, &input.key, &input.upload_id)?;
    let bytes = body(shared, input.body).await?;
    let etag = Etag {
        digest: Md5::checksum(&bytes),
        parts: 0,
    };
    let part = UploadedPart {
        content: keep(shared, bytes)?,
        etag,
        modified: shared.now(),
    };
    add_part(
        shared,
        (&input.bucket, &input.key, &input.upload_id),
        input.part_number,
        part,
    )?;
    Ok(dto::UploadPartOutput {
        e_tag: Some(etag.dto()),
        ..dto::UploadPartOutput::default()
    })
}

pub(super) async fn upload_copy(
    shared: &Shared,
    request: S3Request<dto::UploadPartCopyInput>,
) -> S3Result<dto::UploadPartCopyOutput> {
    let found = copy_source(shared, &request, &request.input.copy_source)?;
    let input = request.input;
    let whole = &found.object.content;
    let content = match input.copy_source_range.as_deref() {
        None => whole.clone(),
        Some(text) => {
            let range = dto::Range::parse(text).map_err(|_| s3_error!(InvalidArgument, "malformed range"))?;
            whole.slice(range.check(whole.size())?)
        }
    };
    let mut digest = Md5::new();
    for chunk in content.clone().into_chunks() {
        digest.update(&chunk.map_err(s3s::S3Error::internal_error)?);
    }
    let etag = Etag {
        digest: digest.finalize(),
        parts: 0,
    };
    let modified = shared.now();
    let part = UploadedPart {
        content,
        etag,
        modified,
    };
    add_part(
        shared,
        (&input.bucket, &input.key, &input.upload_id),
        input.part_number,
        part,
    )?;
    Ok(dto::UploadPartCopyOutput {
        copy_part_result: Some(dto::CopyPartResult {
            e_tag: Some(etag.dto()),
            last_modified: Some(timestamp(modified)),
            ..dto::CopyPartResult::default()
        }),
        ..dto::UploadPartCopyOutput::default()
    })
}

pub(super) async fn complete(
    shared: &Shared,
    request: S3Request<dto::CompleteMultipartUploadInput>,
) -> S3Result<dto::CompleteMultipartUploadOutput> {
    let input = request.input;
    let named = input
        .multipart_upload
        .and_then(|upload| upload.parts)
        .unwrap_or_default();
    let now = shared.now();
    let mut world = shared.write();
    let upload = upload_of(&world, &input.bucket, &input.key, &input.upload_id)?;
    let object = assemble(upload, &named)?;
    let etag = object.etag;
    check_write(
        &world,
        &input.bucket,
        &input.key,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    let version = store(&mut world, &input.bucket, &input.key, object, now)?;
    if let Some(bucket) = world.buckets.get_mut(&input.bucket) {
        bucket.uploads.remove(&(input.key.clone(), input.upload_id));
    }
    Ok(dto::CompleteMultipartUploadOutput {
        location: Some(format!(
            "/{}/{}",
            input.bucket,
            encoded(&input.key, KeyStyle::Url)
        )),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(etag.dto()),
        version_id: version,
        ..dto::CompleteMultipartUploadOutput::default()
    })
}

/// The object that the named parts make.
fn assemble(upload: &Upload, named: &[dto::CompletedPart]) -> S3Result<Object> {
    let invalid = || {
        s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found."
        )
    };
    if named.is_empty() {
        return Err(s3_error!(MalformedXML, "no parts are named"));
    }
    let in_order = |pair: &[dto::CompletedPart]| pair[0].part_number < pair[1].part_number;
    if !named.windows(2).all(in_order) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order."
        ));
    }
    let mut content = Content::default();
    let mut digests = Md5::new();
    for (index, part) in named.iter().enumerate() {
        let number = part.part_number.unwrap_or(0);
        let found = upload.parts.get(&number).ok_or_else(invalid)?;
        let wanted = part.e_tag.as_ref().map(dto::ETag::value);
        if wanted.is_some_and(|wanted| wanted != found.etag.to_string()) {
            return Err(invalid());
        }
        if index + 1 < named.len() && found.content.size() < SMALLEST_PART {
            return Err(s3_error!(
                EntityTooSmall,
                "a part other than the last is smaller than 5 MiB"
            ));
        }
        content.append(&found.content);
        digests.update(&found.etag.digest);
    }
    Ok(Object {
        content,
        etag: Etag {
            digest: digests.finalize(),
            parts: u32::try_from(named.len()).unwrap_or(u32::MAX),
        },
        storage_class: upload.storage_class,
        headers: upload.headers.clone(),
    })
}

pub(super) async fn abort(
    shared: &Shared,
    request: S3Request<dto::AbortMultipartUploadInput>,
) -> S3Result<dto::AbortMultipartUploadOutput> {
    let input = request.input;
    let mut world = shared.write();
    let bucket = world.buckets.get_mut(&input.bucket).ok_or_else(no_such_bucket)?;
    bucket
        .uploads
        .remove(&(input.key, input.upload_id))
        .ok_or_else(no_such_upload)?;
    Ok(dto::AbortMultipartUploadOutput::default())
}

pub(super) async fn parts(
    shared: &Shared,
    request: S3Request<dto::ListPartsInput>,
) -> S3Result<dto::ListPartsOutput> {
    let input = request.input;
    let most = input.max_parts.unwrap_or(1000).clamp(0, 1000);
    let marker = input.part_number_marker.unwrap_or(0);
    let world = shared.read();
    let upload = upload_of(&world, &input.bucket, &input.key, &input.upload_id)?;
    let behind = || upload.parts.range((Bound::Excluded(marker), Bound::Unbounded));
    let most_parts = usize::try_from(most).unwrap_or(0);
    let parts: Vec<dto::Part> = behind()
        .take(most_parts)
        .map(|(number, part)| dto::Part {
            part_number: Some(*number),
            e_tag: Some(part.etag.dto()),
            size: Some(i64::try_from(part.content.size()).unwrap_or(i64::MAX)),
            last_modified: Some(timestamp(part.modified)),
            ..dto::Part::default()
        })
        .collect();
    let truncated = most > 0 && behind().count() > most_parts;
    Ok(dto::ListPartsOutput {
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        is_truncated: Some(truncated),
        max_parts: Some(most),
        part_number_marker: Some(marker),
        parts: Some(parts),
        storage_class: Some(dto::StorageClass::from_static(upload.storage_class)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        ..dto::ListPartsOutput::default()
    })
}

pub(super) async fn uploads(
    shared: &Shared,
    request: S3Request<dto::ListMultipartUploadsInput>,
) -> S3Result<dto::ListMultipartUploadsOutput> {
    let input = request.input;
    let most = input.max_uploads.unwrap_or(1000).clamp(0, 1000);
    let url = input
        .encoding_type
        .as_ref()
        .is_some_and(|encoding| encoding.as_str() == "url");
    let style = if url { KeyStyle::Url } else { KeyStyle::Xml };
    let prefix = input.prefix.clone().unwrap_or_default();
    let key_marker = input.key_marker.clone().unwrap_or_default();
    let id_marker = input.upload_id_marker.clone().unwrap_or_default();
    let world = shared.read();
    let bucket = world.buckets.get(&input.bucket).ok_or_else(no_such_bucket)?;
    let tenant = world.tenants.get(bucket.owner).map(|name| owner(name));
    let behind = |key: &str, id: &str| match key.cmp(&key_marker) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => !id_marker.is_empty() && id > id_marker.as_str(),
        std::cmp::Ordering::Less => false,
    };
    let all = bucket
        .uploads
        .iter()
        .filter(|((key, id), _)| key.starts_with(&prefix) && behind(key, id));
    let most_uploads = usize::try_from(most).unwrap_or(0);
    let mut found: Vec<_> = all.take(most_uploads + 1).collect();
    let truncated = most > 0 && found.len() > most_uploads;
    found.truncate(most_uploads);
    let last = found
        .last()
        .filter(|_| truncated)
        .map(|((key, id), _)| (key.clone(), id.clone()));
    let uploads = found.into_iter().map(|((key, id), upload)| dto::MultipartUpload {
        key: Some(encoded(key, style).into_owned()),
        upload_id: Some(id.clone()),
        initiated: Some(timestamp(upload.started)),
        storage_class: Some(dto::StorageClass::from_static(upload.storage_class)),
        owner: tenant.clone(),
        ..dto::MultipartUpload::default()
    });
    Ok(dto::ListMultipartUploadsOutput {
        uploads: Some(uploads.collect()),
        is_truncated: Some(truncated),
        next_key_marker: last.as_ref().map(|(key, _)| encoded(key, style).into_owned()),
        next_upload_id_marker: last.map(|(_, id)| id),
        bucket: Some(input.bucket),
        max_uploads: Some(most),
        prefix: Some(encoded(&prefix, style).into_owned()),
        key_marker: Some(encoded(&key_marker, style).into_owned()),
        upload_id_marker: input.upload_id_marker,
        encoding_type: input.encoding_type.filter(|_| url),
        ..dto::ListMultipartUploadsOutput::default()
    })
}
