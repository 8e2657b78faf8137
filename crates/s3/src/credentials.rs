//! What opens a store.

use std::fmt;

use spacewatch_model::{OneLine, Secret};

/// Longest access key id or secret taken. AWS gives 20 and 40 characters, other stores up to 128.
const MAX_LENGTH: usize = 256;

/// An access key id and its secret. The secret is wiped from memory when dropped and never shown.
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    secret: Secret,
}

impl Credentials {
    /// Takes a pair as somebody sent it. Spaces around are dropped: they come with copied keys.
    pub fn new(access_key_id: String, secret: Secret) -> Result<Self, InvalidCredentials> {
        let access_key_id = check("access key id", &access_key_id)?.to_owned();
        let trimmed = check("secret access key", secret.expose())?;
        let secret = if trimmed.len() == secret.expose().len() {
            secret
        } else {
            Secret::new(trimmed)
        };
        Ok(Self {
            access_key_id,
            secret,
        })
    }

    /// The half that is no secret. Still, show no more of it than people need to tell keys apart.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, …)", OneLine(&self.access_key_id))
    }
}

/// Why a text can't be an access key id or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// Nothing was given.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// Longer than any store gives out.
    #[error("the {what} is {actual} bytes long, the limit is {MAX_LENGTH}")]
    TooLong {
        /// Which of the two.
        what: &'static str,
        /// Bytes given.
        actual: usize,
    },
    /// Holds a character that can't travel in a header.
    #[error("the {0} holds a character other than printable ASCII")]
    Character(&'static str),
}

fn check<'a>(what: &'static str, text: &'a str) -> Result<&'a str, InvalidCredentials> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidCredentials::Empty(what));
    }
    if text.len() > MAX_LENGTH {
        return Err(InvalidCredentials::TooLong {
            what,
            actual: text.len(),
        });
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InvalidCredentials::Character(what));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(id: &str, secret: &str, expected: Expect) {
        let shown = match Credentials::new(id.to_owned(), Secret::new(secret)) {
            Ok(credentials) => format!("{credentials:?}"),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn pairs() {
        check("AKIA", "secret", expect!["Credentials(AKIA, …)"]);
        check(" AKIA\n", " secret ", expect!["Credentials(AKIA, …)"]);
        check("", "secret", expect!["error: the access key id is empty"]);
        check("AKIA", " ", expect!["error: the secret access key is empty"]);
        check(
            "AK\r\nX-Evil: 1",
            "secret",
            expect!["error: the access key id holds a character other than printable ASCII"],
        );
        check(
            &"x".repeat(257),
            "secret",
            expect!["error: the access key id is 257 bytes long, the limit is 256"],
        );
    }
}
