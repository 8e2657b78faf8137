//! What the store really holds, for those who check what others say of it.

use bytes::{Bytes, BytesMut};

use crate::running::StoreHandle;
use crate::world::{Bucket, Contents, Versioning};

/// A version of an object, or the mark that its key was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// Its key.
    pub key: String,
    /// When it came, in seconds since 1970.
    pub modified: i64,
    /// Its size; `None` for a delete marker.
    pub size: Option<u64>,
    /// Its ETag without quotes; empty for a delete marker.
    pub etag: String,
    /// Whether it is the newest of its key.
    pub current: bool,
}

/// An upload in parts that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// What it will be called.
    pub key: String,
    /// When it was begun, in seconds since 1970.
    pub started: i64,
    /// The sizes of its parts together.
    pub bytes: u64,
    /// How many parts came.
    pub parts: usize,
}

/// How a bucket is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSwitches {
    /// Requests are logged.
    pub logging: bool,
    /// Old versions are kept.
    pub versioning: bool,
    /// There is a lifecycle rule.
    pub lifecycle: bool,
    /// A rule ends uploads that nobody completes.
    pub abort_rule: bool,
}

impl StoreHandle {
    /// Every version in a bucket, by key, the oldest first; empty for a bucket that is computed or not there.
    pub fn all_versions(&self, bucket: &str) -> Vec<StoredVersion> {
        let world = self.shared().read();
        let Some(Contents::Stored(keys)) = world.buckets.get(bucket).map(|bucket| &bucket.contents) else {
            return Vec::new();
        };
        let of_key = |(key, history): (&String, &crate::world::History)| {
            let newest = history.0.len().saturating_sub(1);
            let versions = history.0.iter().enumerate().map(|(place, version)| {
                let facts = version.facts();
                StoredVersion {
                    key: key.clone(),
                    modified: version.modified,
                    size: facts.map(|facts| facts.size),
                    etag: facts.map_or_else(String::new, |facts| facts.etag.to_string()),
                    current: place == newest,
                }
            });
            versions.collect::<Vec<_>>()
        };
        keys.iter().flat_map(of_key).collect()
    }

    /// The uploads of a bucket that go on.
    pub fn open_uploads(&self, bucket: &str) -> Vec<OpenUpload> {
        let world = self.shared().read();
        let uploads = world
            .buckets
            .get(bucket)
            .into_iter()
            .flat_map(|bucket| &bucket.uploads);
        let told = uploads.map(|((key, _), upload)| OpenUpload {
            key: key.clone(),
            started: upload.started,
            bytes: upload.parts.values().map(|part| part.content.size()).sum(),
            parts: upload.parts.len(),
        });
        told.collect()
    }

    /// How a bucket is set up; `None` where there is none.
    pub fn switches(&self, bucket: &str) -> Option<BucketSwitches> {
        self.shared().read().buckets.get(bucket).map(switches)
    }

    /// The bytes of an object; `None` where there is none, or they can't be made.
    pub fn read(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let world = self.shared().read();
        let object = world.buckets.get(bucket)?.newest(key)?.object?;
        drop(world);
        let mut bytes = BytesMut::new();
        for chunk in object.content.clone().into_chunks() {
            bytes.extend_from_slice(&chunk.ok()?);
        }
        Some(bytes.freeze())
    }
}

fn switches(bucket: &Bucket) -> BucketSwitches {
    let rules = bucket.settings.lifecycle.as_deref().unwrap_or_default();
    BucketSwitches {
        logging: bucket.settings.logging.is_some(),
        versioning: bucket.versioning == Versioning::Enabled,
        lifecycle: !rules.is_empty(),
        abort_rule: rules
            .iter()
            .any(|rule| rule.abort_incomplete_multipart_upload.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DemoStore;

    #[tokio::test]
    async fn what_was_put_is_there() {
        let store = DemoStore::empty()
            .with_versioned_bucket("kept")
            .with_logging("kept", "logs", "")
            .with_object("kept", "a", "one")
            .start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a store");
        let handle = store.handle();
        handle.delete("kept", "a");
        handle.put_bytes("kept", "a", Bytes::from_static(b"three"));
        handle.begin_upload("kept", "b", 7, &[3, 4]);
        let sizes: Vec<_> = handle
            .all_versions("kept")
            .iter()
            .map(|version| (version.size, version.current))
            .collect();
        assert_eq!(sizes, [(Some(3), false), (None, false), (Some(5), true)]);
        assert_eq!(handle.read("kept", "a").as_deref(), Some(&b"three"[..]));
        assert_eq!(handle.read("kept", "b"), None);
        assert_eq!(
            handle.open_uploads("kept"),
            [OpenUpload {
                key: "b".to_owned(),
                started: 7,
                bytes: 7,
                parts: 2
            }]
        );
        let switches = handle.switches("kept").expect("its settings");
        assert!(switches.logging && switches.versioning && !switches.lifecycle);
        store.shutdown().await;
    }
}
