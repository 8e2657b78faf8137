//! Versions: their listing and the switch.

use std::borrow::Cow;
use std::ops::Bound;

use s3s::dto;
use s3s::{S3Request, S3Result, s3_error};

use super::{no_such_bucket, owner};
use crate::civil::timestamp;
use crate::listing::successor;
use crate::listing_xml::{KeyStyle, encoded};
use crate::shared::Shared;
use crate::world::{Bucket, Contents, Version, Versioning};

const MOST_VERSIONS: i32 = 1000;

pub(super) async fn status(
    shared: &Shared,
    request: S3Request<dto::GetBucketVersioningInput>,
) -> S3Result<dto::GetBucketVersioningOutput> {
    let world = shared.read();
    let bucket = world
        .buckets
        .get(&request.input.bucket)
        .ok_or_else(no_such_bucket)?;
    let status = match bucket.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(dto::BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(dto::BucketVersioningStatus::SUSPENDED),
    };
    Ok(dto::GetBucketVersioningOutput {
        status: status.map(dto::BucketVersioningStatus::from_static),
        ..dto::GetBucketVersioningOutput::default()
    })
}

pub(super) async fn put_status(
    shared: &Shared,
    request: S3Request<dto::PutBucketVersioningInput>,
) -> S3Result<dto::PutBucketVersioningOutput> {
    let input = request.input;
    let status = input.versioning_configuration.status;
    let versioning = match status.as_ref().map(dto::BucketVersioningStatus::as_str) {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => {
            return Err(s3_error!(
                MalformedXML,
                "the status is neither Enabled nor Suspended"
            ));
        }
    };
    let mut world = shared.write();
    let bucket = world.buckets.get_mut(&input.bucket).ok_or_else(no_such_bucket)?;
    bucket.versioning = versioning;
    Ok(dto::PutBucketVersioningOutput::default())
}

/// One page as it grows.
#[derive(Default)]
struct Page {
    versions: Vec<dto::ObjectVersion>,
    markers: Vec<dto::DeleteMarkerEntry>,
    prefixes: Vec<dto::CommonPrefix>,
    last: Option<(String, Option<String>)>,
    truncated: bool,
}

impl Page {
    fn len(&self) -> usize {
        self.versions.len() + self.markers.len() + self.prefixes.len()
    }

    fn add(&mut self, key: &str, version: &Version, latest: bool, entry: &Entry<'_>) {
        let key_text = Some(encoded(key, entry.style).into_owned());
        let id = version.id.to_string();
        self.last = Some((key.to_owned(), Some(id.clone())));
        match version.facts() {
            Some(facts) => self.versions.push(dto::ObjectVersion {
                key: key_text,
                version_id: Some(id),
                is_latest: Some(latest),
                last_modified: Some(timestamp(facts.modified)),
                e_tag: Some(facts.etag.dto()),
                size: Some(i64::try_from(facts.size).unwrap_or(i64::MAX)),
                storage_class: Some(dto::ObjectVersionStorageClass::from_static(facts.storage_class)),
                owner: entry.owner.cloned(),
                ..dto::ObjectVersion::default()
            }),
            None => self.markers.push(dto::DeleteMarkerEntry {
                key: key_text,
                version_id: Some(id),
                is_latest: Some(latest),
                last_modified: Some(timestamp(version.modified)),
                owner: entry.owner.cloned(),
            }),
        }
    }
}

/// What is the same for all entries of a page.
struct Entry<'a> {
    style: KeyStyle,
    owner: Option<&'a dto::Owner>,
}

/// Where a page of versions begins, and what it takes in.
struct Span<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    key_marker: &'a str,
    id_marker: Option<&'a str>,
    most: usize,
}

pub(super) async fn list(
    shared: &Shared,
    request: S3Request<dto::ListObjectVersionsInput>,
) -> S3Result<dto::ListObjectVersionsOutput> {
    let input = request.input;
    let most = input.max_keys.unwrap_or(MOST_VERSIONS).clamp(0, MOST_VERSIONS);
    let url = input
        .encoding_type
        .as_ref()
        .is_some_and(|encoding| encoding.as_str() == "url");
    let style = if url { KeyStyle::Url } else { KeyStyle::Xml };
    let span = Span {
        prefix: input.prefix.as_deref().unwrap_or(""),
        delimiter: input.delimiter.as_deref().filter(|text| !text.is_empty()),
        key_marker: input.key_marker.as_deref().unwrap_or(""),
        id_marker: input.version_id_marker.as_deref().filter(|id| !id.is_empty()),
        most: usize::try_from(most).unwrap_or(0),
    };
    let world = shared.read();
    let bucket = world.buckets.get(&input.bucket).ok_or_else(no_such_bucket)?;
    let owner = world.tenants.get(bucket.owner).map(|name| owner(name));
    let page = page(
        bucket,
        &span,
        &Entry {
            style,
            owner: owner.as_ref(),
        },
    );
    drop(world);
    let next = page.last.filter(|_| page.truncated);
    Ok(dto::ListObjectVersionsOutput {
        name: Some(input.bucket),
        max_keys: Some(most),
        is_truncated: Some(page.truncated),
        next_key_marker: next.as_ref().map(|(key, _)| encoded(key, style).into_owned()),
        next_version_id_marker: next.and_then(|(_, id)| id),
        versions: Some(page.versions),
        delete_markers: Some(page.markers),
        common_prefixes: Some(page.prefixes),
        prefix: Some(encoded(input.prefix.as_deref().unwrap_or(""), style).into_owned()),
        delimiter: input.delimiter,
        encoding_type: input.encoding_type.filter(|_| url),
        key_marker: Some(encoded(input.key_marker.as_deref().unwrap_or(""), style).into_owned()),
        version_id_marker: input.version_id_marker,
        ..dto::ListObjectVersionsOutput::default()
    })
}

fn page(bucket: &Bucket, span: &Span<'_>, entry: &Entry<'_>) -> Page {
    let mut page = Page::default();
    if span.most == 0 {
        return page;
    }
    let mut from: Cow<'_, str> = Cow::Borrowed(span.key_marker.max(span.prefix));
    // Without a version marker the marked key itself was told completely.
    let mut skip_first =
        span.id_marker.is_none() && !span.key_marker.is_empty() && span.key_marker >= span.prefix;
    loop {
        let bound = if skip_first {
            Bound::Excluded(&*from)
        } else {
            Bound::Included(&*from)
        };
        skip_first = false;
        let Some((key, versions)) = first(bucket, bound).filter(|(key, _)| key.starts_with(span.prefix))
        else {
            return page;
        };
        let rest = key.get(span.prefix.len()..).unwrap_or("");
        let at = span
            .delimiter
            .and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
        let common = at.and_then(|at| key.get(..span.prefix.len() + at));
        if let Some(common) = common {
            if common != span.key_marker {
                if page.len() == span.most {
                    page.truncated = true;
                    return page;
                }
                page.prefixes.push(dto::CommonPrefix {
                    prefix: Some(encoded(common, entry.style).into_owned()),
                });
                page.last = Some((common.to_owned(), None));
            }
            let Some(next) = successor(common) else {
                return page;
            };
            from = Cow::Owned(next);
            continue;
        }
        if !add_versions(&mut page, &key, &versions, span, entry) {
            page.truncated = true;
            return page;
        }
        from = Cow::Owned(key);
        skip_first = true;
    }
}

/// Adds the versions of a key, newest first; false when the page is full before the last one.
fn add_versions(
    page: &mut Page,
    key: &str,
    versions: &[Version],
    span: &Span<'_>,
    entry: &Entry<'_>,
) -> bool {
    let mut waiting = span.id_marker.filter(|_| key == span.key_marker);
    for (index, version) in versions.iter().rev().enumerate() {
        if let Some(marker) = waiting {
            if version.id.to_string() == marker {
                waiting = None;
            }
            continue;
        }
        if page.len() == span.most {
            return false;
        }
        page.add(key, version, index == 0, entry);
    }
    true
}

/// The first key at or behind the bound, with all its versions.
fn first(bucket: &Bucket, from: Bound<&str>) -> Option<(String, Vec<Version>)> {
    match &bucket.contents {
        Contents::Stored(keys) => {
            let (key, history) = keys.range::<str, _>((from, Bound::Unbounded)).next()?;
            Some((key.clone(), history.0.clone()))
        }
        Contents::Synthetic(_) => {
            let key = bucket.cursor(from).next()?.0.to_owned();
            let version = bucket.newest(&key)?;
            Some((key, vec![version]))
        }
    }
}
