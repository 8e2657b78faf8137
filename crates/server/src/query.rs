//! A query string as a tool's typed arguments.
//!
//! Written by hand because the usual reader doesn't say which parameter was wrong. Parameters a route
//! doesn't know are ignored, whatever they hold: old scripts send some.

use std::borrow::Cow;
use std::fmt::{self, Display};

use percent_encoding::percent_decode;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use spacewatch_model::{ErrorCode, OneLine};

use crate::problem::Problem;

/// Parameters looked at; no route has as many.
const MAX_PARAMETERS: usize = 64;
/// Characters of a message about one.
const MAX_MESSAGE: usize = 400;

/// Reads the parameters that `T` knows.
pub(crate) fn parse<T: DeserializeOwned>(query: Option<&str>) -> Result<T, Problem> {
    let query = query.unwrap_or_default();
    if query.split('&').nth(MAX_PARAMETERS).is_some() {
        let detail = format!("the address has more than {MAX_PARAMETERS} parameters");
        return Err(Problem::new(ErrorCode::InvalidParameter, detail));
    }
    T::deserialize(Query(query)).map_err(Problem::from)
}

/// What is wrong with which parameter.
#[derive(Debug)]
struct ParameterError {
    code: ErrorCode,
    name: Option<String>,
    message: String,
}

impl ParameterError {
    fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: ErrorCode::InvalidParameter,
            name: None,
            message: message.into(),
        }
    }

    fn of(self, name: &str) -> Self {
        Self {
            name: self.name.or_else(|| Some(name.to_owned())),
            ..self
        }
    }
}

impl Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("the query string");
        write!(f, "`{}` {}", OneLine(name), OneLine(&self.message))
    }
}

impl std::error::Error for ParameterError {}

impl de::Error for ParameterError {
    fn custom<T: Display>(message: T) -> Self {
        Self::invalid(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            code: ErrorCode::MissingParameter,
            name: Some(field.to_owned()),
            message: "is missing from the address".to_owned(),
        }
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid(format!("is {unexpected}, expected {expected}"))
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_value(unexpected, expected)
    }
}

impl From<ParameterError> for Problem {
    fn from(error: ParameterError) -> Self {
        let text: String = error.to_string();
        let detail = if text.chars().count() > MAX_MESSAGE {
            text.chars().take(MAX_MESSAGE).chain(['…']).collect()
        } else {
            text
        };
        Self::new(error.code, detail)
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, ParameterError> {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&b| b == b'%') {
        let digits = rest.get(at + 1..at + 3).unwrap_or_default();
        if digits.len() < 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(ParameterError::invalid("holds a `%` that begins no escape"));
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    // In a query string a plus is a space; as `%2B` it is a plus.
    let spaced: Cow<'_, str> = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    let decoded = percent_decode(spaced.as_bytes())
        .decode_utf8()
        .map_err(|_| ParameterError::invalid("is not UTF-8"))?
        .into_owned();
    if decoded.contains('\0') {
        return Err(ParameterError::invalid("holds a NUL character"));
    }
    Ok(Cow::Owned(decoded))
}

struct Query<'a>(&'a str);

impl<'de> Deserializer<'de> for Query<'de> {
    type Error = ParameterError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParameterError> {
        let mut known: Vec<(&'static str, &str)> = Vec::new();
        for pair in self.0.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Ok(name) = decode(name) else { continue };
            let Some(field) = fields.iter().find(|field| **field == name) else {
                continue;
            };
            if known.iter().any(|(seen, _)| seen == field) {
                return Err(ParameterError::invalid("is given more than once").of(field));
            }
            known.push((field, value));
        }
        visitor.visit_map(Parameters {
            left: known.into_iter(),
            value: None,
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        self.deserialize_struct("", &[], visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Parameters<'a> {
    left: std::vec::IntoIter<(&'static str, &'a str)>,
    value: Option<(&'static str, &'a str)>,
}

impl<'de> MapAccess<'de> for Parameters<'de> {
    type Error = ParameterError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ParameterError> {
        self.value = self.left.next();
        let Some((name, _)) = self.value else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, ParameterError> = name.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ParameterError> {
        let (name, value) = self.value.take().unwrap_or_default();
        decode(value)
            .and_then(|value| seed.deserialize(Value(value)))
            .map_err(|error| error.of(name))
    }
}

struct Value<'a>(Cow<'a, str>);

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $expected:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
            match self.0.parse::<$type>() {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(de::Error::invalid_value(de::Unexpected::Str(&self.0), &$expected)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = ParameterError;

    numbers! {
        deserialize_u8 visit_u8 u8, "a whole number from 0 to 255";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u64 visit_u64 u64, "a whole number that is not negative";
        deserialize_u32 visit_u32 u32, "a whole number that is not negative";
        deserialize_f64 visit_f64 f64, "a number";
        deserialize_bool visit_bool bool, "`true` or `false`";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParameterError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParameterError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u16 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde::Deserialize;
    use spacewatch_model::{BucketName, Prefix};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Args {
        bucket: BucketName,
        #[serde(default)]
        prefix: Prefix,
        limit: Option<u64>,
        share: Option<f64>,
    }

    fn check(query: &str, expected: Expect) {
        let found = match parse::<Args>(Some(query)) {
            Ok(args) => format!("{args:?}"),
            Err(problem) => format!("{} {}", problem.code, problem.detail),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn reads_what_is_known_and_ignores_the_rest() {
        check(
            "bucket=my-bucket&prefix=a%2Fb+c%2B&limit=7&x=1&x=2&%ff=%zz",
            expect![[r#"Args { bucket: "my-bucket", prefix: "a/b c+", limit: Some(7), share: None }"#]],
        );
        check(
            "&&bucket=abc&=",
            expect![[r#"Args { bucket: "abc", prefix: "", limit: None, share: None }"#]],
        );
    }

    #[test]
    fn says_which_parameter_is_wrong() {
        check(
            "",
            expect!["MissingParameter `bucket` is missing from the address"],
        );
        check(
            "limit=1",
            expect!["MissingParameter `bucket` is missing from the address"],
        );
        check("bucket=", expect!["InvalidParameter `bucket` is empty"]);
        check("bucket", expect!["InvalidParameter `bucket` is empty"]);
        check(
            "bucket=..%2Fetc",
            expect![
                "InvalidParameter `bucket` holds `/` where only letters, digits, `-`, `.` and `_` may stand"
            ],
        );
        check(
            "bucket=abc&bucket=def",
            expect!["InvalidParameter `bucket` is given more than once"],
        );
        check(
            "bucket=abc&prefix=%ff",
            expect!["InvalidParameter `prefix` is not UTF-8"],
        );
        check(
            "bucket=abc&prefix=%4",
            expect!["InvalidParameter `prefix` holds a `%` that begins no escape"],
        );
        check(
            "bucket=abc&prefix=100%",
            expect!["InvalidParameter `prefix` holds a `%` that begins no escape"],
        );
        check(
            "bucket=abc&prefix=a%00b",
            expect!["InvalidParameter `prefix` holds a NUL character"],
        );
        check(
            "bucket=abc&limit=ten%0a",
            expect![[
                r#"InvalidParameter `limit` is string "ten\n", expected a whole number that is not negative"#
            ]],
        );
        check(
            "bucket=abc&limit=",
            expect![[
                r#"InvalidParameter `limit` is string "", expected a whole number that is not negative"#
            ]],
        );
        check(
            "bucket=abc&share=x",
            expect![[r#"InvalidParameter `share` is string "x", expected a number"#]],
        );
    }

    #[test]
    fn messages_and_counts_are_bounded() {
        let problem = parse::<Args>(Some(&format!("bucket=abc&limit={}", "x".repeat(9000)))).expect_err("no");
        assert_eq!(problem.detail.chars().count(), MAX_MESSAGE + 1);
        let many = "a=1&".repeat(MAX_PARAMETERS) + "bucket=abc";
        assert_eq!(
            parse::<Args>(Some(&many)).expect_err("no").code,
            ErrorCode::InvalidParameter
        );
    }
}
