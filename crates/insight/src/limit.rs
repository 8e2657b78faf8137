//! How many rows a caller asks for.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A wished number of rows. Never refused for its size: it is clamped between one and the tool's cap, and
/// the answer echoes what was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = i64)]
pub struct Limit(pub i64);

impl Limit {
    /// The number of rows to return: `default` when nothing was wished, at most `cap`.
    pub(crate) fn rows(wished: Option<Self>, default: usize, cap: usize) -> usize {
        match wished {
            None => default.min(cap),
            Some(Self(n)) => usize::try_from(n.max(1)).unwrap_or(usize::MAX).min(cap),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Limit, E> {
        Ok(Limit(n))
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Limit, E> {
        Ok(Limit(i64::try_from(n).unwrap_or(i64::MAX)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(E::invalid_value(de::Unexpected::Str(text), &self));
        }
        let end = if text.starts_with('-') { i64::MIN } else { i64::MAX };
        Ok(Limit(text.parse().unwrap_or(end)))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    fn check(text: &str, rows: Option<usize>) {
        let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
        let found = Limit::deserialize(deserializer)
            .ok()
            .map(|limit| Limit::rows(Some(limit), 10, 50));
        assert_eq!(found, rows, "{text:?}");
    }

    #[test]
    fn clamps_numbers_and_refuses_what_is_none() {
        check("20", Some(20));
        check("0", Some(1));
        check("-7", Some(1));
        check("99999999999999999999999", Some(50));
        check("-99999999999999999999999", Some(1));
        check("", None);
        check("ten", None);
        check("1e3", None);
        check("5 ", None);
    }

    #[test]
    fn nothing_wished_is_the_default_within_the_cap() {
        assert_eq!(Limit::rows(None, 10, 50), 10);
        assert_eq!(Limit::rows(None, 10, 5), 5);
    }
}
