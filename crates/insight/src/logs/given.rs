//! A parameter that need not be given.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use jiff::Timestamp;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Moment;

/// A parameter with its text and its meaning, or nothing. An empty text is nothing: forms send fields nobody filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<T>(Option<(String, T)>);

impl<T> Given<T> {
    /// Nothing was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What the parameter means, where it was given.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// The parameter as it was written, where it was given.
    pub fn text(&self) -> Option<&str> {
        self.0.as_ref().map(|(text, _)| text.as_str())
    }
}

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl From<Timestamp> for Given<Moment> {
    fn from(moment: Timestamp) -> Self {
        Self(Some((moment.to_string(), Moment::from(moment))))
    }
}

impl<T: FromStr> FromStr for Given<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        Ok(Self(Some((text.to_owned(), text.parse()?))))
    }
}

impl<T> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().serialize(serializer)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor(PhantomData))
    }
}

struct GivenVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for GivenVisitor<T> {
    type Value = Given<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Given<T>, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Given<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Given<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Given<T>, E> {
        Ok(Given(None))
    }

    fn visit_none<E: de::Error>(self) -> Result<Given<T>, E> {
        Ok(Given(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_nothing_and_the_text_is_kept() {
        let read = |json: &str| serde_json::from_str::<Given<u16>>(json).map_err(|error| error.to_string());
        assert_eq!(read("\"\"").as_ref().map(Given::get), Ok(None));
        assert_eq!(read("null").as_ref().map(Given::get), Ok(None));
        assert_eq!(read("404").as_ref().map(Given::get), Ok(Some(&404)));
        assert_eq!(read("\"0404\"").as_ref().map(Given::text), Ok(Some("0404")));
        assert!(read("\"many\"").is_err() && read("{}").is_err());
        let written = serde_json::to_string(&"0404".parse::<Given<u16>>().expect("a number"));
        assert_eq!(written.ok().as_deref(), Some("\"0404\""));
    }
}
