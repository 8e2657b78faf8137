//! Where a cut list goes on.

use spacewatch_model::{ErrorCode, ObjectKey, Prefix};

use crate::ToolError;

/// An opaque token: the last key of the page before, and what was counted then.
///
/// Its text form holds only letters, digits and `_`, so that it passes through any address bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListToken {
    pub(crate) after: ObjectKey,
    pub(crate) count: u64,
}

impl ListToken {
    /// Reads a token that this server gave out for this prefix.
    pub(crate) fn read(text: &str, prefix: &Prefix) -> Result<Self, ToolError> {
        Self::decode(text)
            .filter(|token| token.after.as_str().starts_with(prefix.as_str()))
            .ok_or_else(|| {
                ToolError::new(
                    ErrorCode::InvalidParameter,
                    "`next` is not a token of this listing",
                )
                .with_hint("pass on the `next` of the answer before, with the same bucket and prefix")
            })
    }

    fn decode(text: &str) -> Option<Self> {
        let (count, key) = text.strip_prefix('n')?.split_once('_')?;
        if !key.len().is_multiple_of(2) || !key.is_ascii() {
            return None;
        }
        let bytes: Option<Vec<u8>> = (0..key.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(key.get(at..at + 2)?, 16).ok())
            .collect();
        let after = String::from_utf8(bytes?).ok()?;
        Some(Self {
            after: after.try_into().ok()?,
            count: count.parse().ok()?,
        })
    }

    pub(crate) fn encode(&self) -> String {
        use std::fmt::Write;

        let mut text = format!("n{}_", self.count);
        for byte in self.after.as_str().bytes() {
            // Writing to a `String` can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn comes_back_as_it_went(key in "[^\0]{1,200}", count: u64) {
            let token = ListToken { after: key.parse().expect("a key"), count };
            prop_assert_eq!(ListToken::read(&token.encode(), &Prefix::default()).expect("a token"), token);
        }

        #[test]
        fn anything_else_is_refused_calmly(text in ".*") {
            let _ = ListToken::read(&text, &Prefix::default());
        }
    }

    #[test]
    fn belongs_to_its_prefix() {
        let token = ListToken {
            after: "a/1".parse().expect("a key"),
            count: 9,
        }
        .encode();
        assert!(ListToken::read(&token, &"a/".parse().expect("a prefix")).is_ok());
        assert!(ListToken::read(&token, &"b/".parse().expect("a prefix")).is_err());
    }
}
