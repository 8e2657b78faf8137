//! What a command looks at: a bucket, and where in it.

use std::str::FromStr;

use spacewatch_model::{BucketName, Prefix};

/// `BUCKET`, `BUCKET/PREFIX` or either with `s3://` in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) bucket: BucketName,
    pub(crate) prefix: Prefix,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = text.strip_prefix("s3://").unwrap_or(text);
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        let bucket = bucket
            .parse()
            .map_err(|error| format!("the bucket's name {error}"))?;
        let prefix = prefix.parse().map_err(|error| format!("the prefix {error}"))?;
        Ok(Self { bucket, prefix })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let shown = match text.parse::<Target>() {
            Ok(target) => format!("{} | {}", target.bucket, target.prefix),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn buckets_and_prefixes() {
        check("prod-assets", expect!["prod-assets | "]);
        check("prod-assets/", expect!["prod-assets | "]);
        check(
            "s3://prod-assets/images/2026",
            expect!["prod-assets | images/2026"],
        );
        check("prod-assets//a/b/", expect!["prod-assets | /a/b/"]);
        check("", expect!["error: the bucket's name is empty"]);
        check("s3://", expect!["error: the bucket's name is empty"]);
        check(
            "a b",
            expect![
                "error: the bucket's name holds ` ` where only letters, digits, `-`, `.` and `_` may stand"
            ],
        );
        check("bucket/a\0b", expect!["error: the prefix holds a NUL character"]);
    }
}
