//! The log objects behind records, each read once as it is stored.

use futures::{StreamExt, TryStreamExt, stream};
use spacewatch_evidence::{Examined, Examiner, ObjectLines, ObjectNote};
use spacewatch_model::{BucketName, ObjectKey};
use spacewatch_s3::{ObjectHead, StoreError};

use crate::{Tenant, ToolError};

/// Log objects read at once.
const AT_ONCE: usize = 8;

/// What was found where a log object should be.
pub(super) enum Looked {
    /// It was read to its end.
    Seen(Box<Examined>, Box<ObjectHead>),
    /// It is not there.
    Gone,
    /// The store doesn't hand it out, and why.
    Kept(String),
}

/// Looks at a log object as it is stored now.
///
/// # Errors
///
/// What the store says where that is about more than this object.
pub(super) async fn look(
    tenant: &Tenant,
    bucket: &BucketName,
    lines: &ObjectLines,
) -> Result<Looked, ToolError> {
    let Ok(key) = lines.key.parse::<ObjectKey>() else {
        return Ok(Looked::Kept("its key is none that can be asked for".to_owned()));
    };
    match examine(tenant, bucket, &key, lines).await {
        Ok((examined, head)) => {
            tenant.progress.add_objects(1, examined.bytes);
            Ok(Looked::Seen(Box::new(examined), Box::new(head)))
        }
        Err(StoreError::NoSuchKey(_)) => Ok(Looked::Gone),
        Err(
            error @ (StoreError::AccessDenied(_) | StoreError::NotSupported(_) | StoreError::Precondition(_)),
        ) => Ok(Looked::Kept(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn examine(
    tenant: &Tenant,
    bucket: &BucketName,
    key: &ObjectKey,
    lines: &ObjectLines,
) -> Result<(Examined, ObjectHead), StoreError> {
    let mut stream = tenant
        .store
        .open_object(bucket, key, None, &tenant.progress)
        .await?;
    let mut examiner = Examiner::new(lines);
    while let Some(part) = stream.next().await? {
        examiner.feed(&part);
        // Megabytes may come of one part.
        tokio::task::consume_budget().await;
    }
    Ok((examiner.finish(), stream.head().clone()))
}

/// Reads log objects and notes what they are, in their order.
pub(super) async fn read(
    tenant: &Tenant,
    bucket: &BucketName,
    objects: Vec<ObjectLines>,
) -> Result<Vec<ObjectNote>, ToolError> {
    let looks = objects.into_iter().map(|lines| async move {
        let looked = look(tenant, bucket, &lines).await?;
        Ok::<_, ToolError>(note(lines, looked))
    });
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

fn note(lines: ObjectLines, looked: Looked) -> ObjectNote {
    let mut note = ObjectNote {
        key: lines.key,
        records: u64::try_from(lines.places.len()).unwrap_or(u64::MAX),
        etag: None,
        bytes: None,
        last_modified: None,
        sha256: None,
        unverifiable: None,
    };
    match looked {
        Looked::Gone => note.unverifiable = Some("it is not there any more".to_owned()),
        Looked::Kept(why) => note.unverifiable = Some(why),
        Looked::Seen(examined, head) => {
            note.etag = head.etag;
            note.bytes = Some(examined.bytes);
            note.last_modified = head.last_modified;
            match examined.astray {
                None => note.sha256 = Some(examined.sha256),
                Some(_) => {
                    note.unverifiable =
                        Some("it holds something else by now than when it was read into the lake".to_owned());
                }
            }
        }
    }
    note
}
