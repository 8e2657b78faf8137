//! What tells lines apart that were delivered twice.

use std::fmt;
use std::sync::Arc;

/// What a [`line_hash`] is keyed with. Who doesn't know the key can't choose two lines with one hash, and so can't make one
/// line hide another; lines hashed without one (the default) are only safe among one's own.
#[derive(Clone, Default)]
pub struct LineHashKey(Option<Arc<[u8; SECRET_LENGTH]>>);

/// As long as the hash's own secret.
const SECRET_LENGTH: usize = 192;

impl LineHashKey {
    /// A key made from 32 random bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        let mut secret = [0; SECRET_LENGTH];
        let mut expanded = blake3::Hasher::new_keyed(key).finalize_xof();
        expanded.fill(&mut secret);
        Self(Some(Arc::new(secret)))
    }
}

impl fmt::Debug for LineHashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "LineHashKey(secret)"
        } else {
            "LineHashKey(none)"
        })
    }
}

/// A 128-bit hash of a line without its line ending, as the columns `line_hash_high` and `line_hash_low` hold it.
pub fn line_hash(key: &LineHashKey, line: &[u8]) -> (i64, i64) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let hash = match &key.0 {
        // The secret is never too short; no hash at all would be the same as no key.
        Some(secret) => twox_hash::XxHash3_128::oneshot_with_secret(secret.as_slice(), line)
            .unwrap_or_else(|_| twox_hash::XxHash3_128::oneshot(line)),
        None => twox_hash::XxHash3_128::oneshot(line),
    };
    let hash = hash.to_be_bytes();
    let (high, low) = crate::scan::cut(&hash, 8);
    let number = |half: &[u8]| half.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
    (number(high), number(low))
}
