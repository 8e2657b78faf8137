//! `lake.json`: what a lake is made for, and with which key.

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use spacewatch_access_log::LineHashKey;
use spacewatch_model::Timestamp;

use crate::LakeError;

/// The layout this program writes and reads.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LakeFile {
    format: u32,
    /// Which log the lake remembers, for people.
    source: String,
    /// 32 random bytes in hexadecimal.
    key: String,
}

/// What tells lines and log objects of one lake apart.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LakeKey([u8; 32]);

impl LakeKey {
    /// For the hashes of lines.
    pub(crate) fn lines(&self) -> LineHashKey {
        LineHashKey::new(&self.0)
    }

    /// For the hashes of log objects.
    pub(super) fn objects(&self) -> [u8; 32] {
        blake3::derive_key("spacewatch lake: log objects", &self.0)
    }
}

impl std::fmt::Debug for LakeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LakeKey(secret)")
    }
}

fn path() -> Path {
    Path::from("lake.json")
}

/// Reads the file, or writes one when there is none.
pub(super) async fn read_or_create(store: &dyn ObjectStore, source: &str) -> Result<LakeKey, LakeError> {
    match read(store).await? {
        Some(key) => Ok(key),
        None => create(store, source).await,
    }
}

/// Reads the file, where there is one.
pub(super) async fn read(store: &dyn ObjectStore) -> Result<Option<LakeKey>, LakeError> {
    match store.get(&path()).await {
        Ok(found) => {
            let text = found.bytes().await;
            key_in(&text.map_err(|error| failed("read", &path(), &error))?).map(Some)
        }
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed("read", &path(), &error)),
    }
}

async fn create(store: &dyn ObjectStore, source: &str) -> Result<LakeKey, LakeError> {
    let key: [u8; 32] = rand::random();
    let file = LakeFile {
        format: FORMAT,
        source: source.to_owned(),
        key: blake3::Hash::from(key).to_hex().to_string(),
    };
    let text = serde_json::to_vec_pretty(&file).map_err(|error| LakeError::Internal(error.to_string()))?;
    let options = PutOptions::from(PutMode::Create);
    let put = store.put_opts(&path(), Bytes::from(text).into(), options).await;
    put.map_err(|error| failed("write", &path(), &error))?;
    Ok(LakeKey(key))
}

fn key_in(text: &[u8]) -> Result<LakeKey, LakeError> {
    let untrusted = |why: String| LakeError::Untrusted {
        table: "lake.json",
        why,
    };
    let file: LakeFile = serde_json::from_slice(text).map_err(|error| untrusted(error.to_string()))?;
    if file.format != FORMAT {
        return Err(untrusted(format!(
            "its format is {}, and this program knows {FORMAT}",
            file.format
        )));
    }
    let key = blake3::Hash::from_hex(&file.key).map_err(|_| untrusted("its key is no key".to_owned()))?;
    Ok(LakeKey(*key.as_bytes()))
}

#[derive(Serialize, Deserialize)]
struct Kept {
    from: Timestamp,
}

fn kept() -> Path {
    Path::from("kept.json")
}

/// Notes down that records before this moment are not kept.
pub(super) async fn keep_from(store: &dyn ObjectStore, from: Timestamp) -> Result<(), LakeError> {
    let text = serde_json::to_vec(&Kept { from }).map_err(|error| LakeError::Internal(error.to_string()))?;
    let put = store.put(&kept(), Bytes::from(text).into()).await;
    put.map(drop).map_err(|error| failed("write", &kept(), &error))
}

/// What was noted down last.
pub(super) async fn kept_from(store: &dyn ObjectStore) -> Result<Option<Timestamp>, LakeError> {
    let found = match store.get(&kept()).await {
        Ok(found) => found.bytes().await,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => Err(error),
    };
    let text = found.map_err(|error| failed("read", &kept(), &error))?;
    let kept = serde_json::from_slice::<Kept>(&text).map_err(|error| LakeError::Untrusted {
        table: "kept.json",
        why: error.to_string(),
    })?;
    Ok(Some(kept.from))
}

fn failed(doing: &'static str, path: &Path, error: &object_store::Error) -> LakeError {
    LakeError::Disk {
        doing,
        path: path.to_string(),
        cause: error.to_string(),
    }
}
