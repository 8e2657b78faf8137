//! Evidence bundles: log records with what proves them, as one file that can be checked again years later.
//!
//! A bundle is a zip archive of five files, or seven where it is about a finding, none compressed:
//!
//! | file | what |
//! |---|---|
//! | `finding.json` | the finding, where it is about one |
//! | `settings.jsonl` | the settings that show it, with the SHA-256 of each document |
//! | `objects.jsonl` | each log object: key, ETag, size, SHA-256 of its bytes as the store keeps them |
//! | `records.jsonl` | each record: its log object, the byte at which its line begins there (decompressed), the line's length and SHA-256, its fields |
//! | `lines.log` | the lines themselves, byte for byte, in the order of the records |
//! | `manifest.json` | what was asked, when, of which store, on what the answer rests; SHA-256 of the files above |
//! | `manifest.json.sha256` | SHA-256 of the manifest, as `sha256sum` writes it |
//!
//! [`BundleWriter`] makes one, [`Bundle::open`] reads one, [`Examiner`] looks whether a log object still is what a bundle says of it,
//! and [`local::check`] does so for the files of a directory.
//!
//! # What a check proves
//!
//! The archive is canonical: given the contents of its files, every other byte of it is determined, and [`Bundle::open`] takes no archive that
//! differs from it in any. So no byte can change unnoticed. Somebody who alters a bundle *and* works out all digests anew is found at the
//! store, whose log objects say something else, or by its [fingerprint](Bundle::fingerprint), which is the digest of the manifest: note it down
//! elsewhere, or sign it.
//!
//! # What it is not
//!
//! It knows no network and no credentials. What it reads may come from anybody: nothing is decompressed but log objects, within limits;
//! names are fixed; numbers are checked before memory is taken.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

mod archive;
mod bundle;
mod digest;
mod error;
mod examiner;
pub mod local;
mod manifest;
mod writer;

pub use bundle::{Bundle, ObjectLines, Place};
pub use digest::{Digest, Hasher};
pub use error::BundleError;
pub use examiner::{Examined, Examiner, Verdict};
pub use manifest::{FileDigest, Manifest, ObjectNote, Question, SettingNote, StoreNote};
pub use writer::{BundleWriter, Facts, Full, NewRecord, Written};

/// Records in one bundle at most.
pub const MAX_RECORDS: u64 = 100_000;
/// Bytes of one bundle at most.
pub const MAX_BYTES: u64 = 1 << 30;
