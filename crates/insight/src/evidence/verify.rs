//! A bundle checked again, at the store or against a local copy of the log.

use std::io::{Read, Seek};
use std::path::Path;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use spacewatch_evidence::{
    Bundle, BundleError, Manifest, ObjectLines, ObjectNote, SettingNote, Verdict, local,
};
use spacewatch_model::{BucketName, ErrorCode};

use super::objects::{Looked, look};
use crate::{Tenant, ToolError};

/// Log objects read at once.
const AT_ONCE: usize = 8;

/// A bundle that holds together.
#[derive(Debug)]
pub struct VerifiedBundle(Bundle);

/// What a check found.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// The digest of the bundle's manifest, and so of all that it holds.
    pub fingerprint: String,
    /// What the bundle says of itself.
    pub manifest: Manifest,
    /// The finding that the bundle is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<Value>,
    /// Settings that show it, as the store told them when the bundle was saved. They are whole; whether the bucket is set up so still, `posture`
    /// tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<SettingNote>,
    /// Every log object is what it was.
    pub verified: bool,
    /// Log objects that are what they were.
    pub intact: u64,
    /// Log objects that are something else by now.
    pub altered: u64,
    /// Log objects that are not there.
    pub missing: u64,
    /// Log objects that can't be read.
    pub unreadable: u64,
    /// Each of them, in the order of their keys.
    pub objects: Vec<ObjectVerdict>,
}

/// What became of a log object.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectVerdict {
    /// Its key.
    pub key: String,
    /// How many of the records stand in it.
    pub records: u64,
    /// `intact`, `altered`, `missing` or `unreadable`.
    pub verdict: &'static str,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl VerifiedBundle {
    /// Reads a bundle and makes sure that it is what was written.
    ///
    /// # Errors
    ///
    /// When it is damaged, no bundle, or too new.
    pub fn open(file: impl Read + Seek) -> Result<Self, ToolError> {
        Bundle::open(file).map(Self).map_err(|error| {
            let hint = match &error {
                BundleError::Io(_) => "name a file that `spacewatch evidence save` wrote",
                BundleError::Damaged(_) => "nothing in it can be relied on; take another copy of it",
                BundleError::Newer(_) => "check it with a newer version of SpaceWatch",
            };
            ToolError::new(ErrorCode::InvalidValue, error.to_string()).with_hint(hint)
        })
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        self.0.manifest()
    }

    /// Checks it against the log objects at the store.
    ///
    /// # Errors
    ///
    /// What the store says where that is about more than one object.
    pub async fn at_store(&self, tenant: &Tenant) -> Result<Verification, ToolError> {
        if self.0.objects().is_empty() {
            return Ok(self.told(Vec::new()));
        }
        let bucket: BucketName = self.manifest().store.log_bucket.parse().map_err(|error| {
            ToolError::new(
                ErrorCode::InvalidValue,
                format!("the bundle's log bucket {error}"),
            )
        })?;
        let looks = self.0.objects().iter().map(|(note, lines)| {
            let bucket = &bucket;
            async move { verdict(tenant, bucket, note, lines).await }
        });
        let verdicts: Vec<Verdict> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        Ok(self.told(verdicts))
    }

    /// Checks it against files: a copy of the log bucket, or of its prefix, below a directory.
    pub fn at_files(&self, directory: &Path) -> Verification {
        let objects = self.0.objects().iter();
        let verdicts = objects.map(|(note, lines)| local::check(&self.0, directory, note, lines));
        self.told(verdicts.collect())
    }

    fn told(&self, verdicts: Vec<Verdict>) -> Verification {
        let notes = self.0.objects().iter().map(|(note, _)| note);
        let objects = notes.zip(&verdicts).map(|(note, verdict)| ObjectVerdict {
            key: note.key.clone(),
            records: note.records,
            verdict: verdict.as_str(),
            detail: verdict.detail().map(str::to_owned),
        });
        let objects: Vec<_> = objects.collect();
        let count = |word: &str| {
            let such = objects.iter().filter(|object| object.verdict == word);
            u64::try_from(such.count()).unwrap_or(u64::MAX)
        };
        Verification {
            fingerprint: self.0.fingerprint().to_string(),
            manifest: self.0.manifest().clone(),
            finding: self.0.finding().cloned(),
            settings: self.0.settings().to_vec(),
            verified: objects.iter().all(|object| object.verdict == "intact"),
            intact: count("intact"),
            altered: count("altered"),
            missing: count("missing"),
            unreadable: count("unreadable"),
            objects,
        }
    }
}

async fn verdict(
    tenant: &Tenant,
    bucket: &BucketName,
    note: &ObjectNote,
    lines: &ObjectLines,
) -> Result<Verdict, ToolError> {
    Ok(match look(tenant, bucket, lines).await? {
        Looked::Seen(examined, head) => examined.verdict(note, head.etag.as_deref()),
        Looked::Gone => Verdict::Missing,
        Looked::Kept(why) => Verdict::Unreadable(why),
    })
}
