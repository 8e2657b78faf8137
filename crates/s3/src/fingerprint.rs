//! Which client a request means, without keeping what it was made from.

use std::fmt;

use crate::{Credentials, Endpoint};

/// A keyed hash of access key id, secret, endpoint and region. The key is random in each process or each installation, so a
/// fingerprint tells nothing outside of it, and knowing an access key id alone leads to none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Fingerprint({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// What fingerprints are made with. Whoever keeps it finds the same ones after a restart.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    /// The key that these bytes are: random ones, kept secret.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn random() -> Self {
        Self(rand::random())
    }

    pub(crate) fn of(&self, credentials: &Credentials, endpoint: &Endpoint) -> Fingerprint {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        let trusted = if endpoint.is_trusted() { "trusted" } else { "" };
        let parts = [
            credentials.access_key_id(),
            credentials.secret().expose(),
            endpoint.url(),
            endpoint.region().as_str(),
            trusted,
        ];
        for part in parts {
            // The length first, so that no two different tuples run together into the same bytes.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Fingerprint(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::Secret;

    use super::*;

    fn of(key: &FingerprintKey, id: &str, secret: &str, url: &str, region: &str) -> Fingerprint {
        let credentials = Credentials::new(id.to_owned(), Secret::new(secret)).expect("credentials");
        let endpoint = Endpoint::trusted(&url.parse().expect("a URL"), region.parse().expect("a region"));
        key.of(&credentials, &endpoint)
    }

    #[test]
    fn every_part_counts() {
        let key = FingerprintKey::random();
        let base = of(&key, "id", "secret", "http://a", "r");
        assert_eq!(base, of(&key, "id", "secret", "http://a", "r"));
        assert_ne!(base, of(&key, "ids", "ecret", "http://a", "r"));
        assert_ne!(base, of(&key, "id", "secreT", "http://a", "r"));
        assert_ne!(base, of(&key, "id", "secret", "http://b", "r"));
        assert_ne!(base, of(&key, "id", "secret", "http://a", "s"));
        assert_ne!(
            base,
            of(&FingerprintKey::random(), "id", "secret", "http://a", "r")
        );
    }
}
