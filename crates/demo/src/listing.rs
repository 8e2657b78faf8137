//! One page of a listing, at a cost that follows from the page and not from the bucket.

use std::ops::Bound;

use crate::world::{Bucket, Facts};

/// What a listing asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    /// Only what stands behind this: `marker`, `start-after`, or what a token holds.
    pub(crate) after: &'a str,
    pub(crate) max_keys: usize,
}

/// Where a page ended.
#[derive(Debug, Default)]
pub(crate) struct PageEnd {
    pub(crate) count: usize,
    pub(crate) truncated: bool,
    /// The last key or common prefix of the page.
    pub(crate) last: String,
}

/// Takes the entries of a page in their order.
pub(crate) trait PageSink {
    fn object(&mut self, key: &str, facts: &Facts);
    fn common_prefix(&mut self, prefix: &str);
}

/// Walks over one page. A common prefix costs one seek however many keys are under it.
pub(crate) fn walk(bucket: &Bucket, query: &Query<'_>, sink: &mut impl PageSink) -> PageEnd {
    let mut end = PageEnd::default();
    if query.max_keys == 0 {
        return end;
    }
    let mut cursor = bucket.cursor(start(query));
    loop {
        let skip_to = {
            let Some((key, facts)) = cursor.next() else { break };
            let Some(rest) = key.strip_prefix(query.prefix) else {
                break;
            };
            let common = common_prefix(query, key, rest);
            if common == Some(query.after) {
                successor(query.after)
            } else if end.count == query.max_keys {
                end.truncated = true;
                break;
            } else {
                end.count += 1;
                let last = common.unwrap_or(key);
                end.last.clear();
                end.last.push_str(last);
                match common {
                    None => {
                        sink.object(key, &facts);
                        continue;
                    }
                    Some(common) => {
                        sink.common_prefix(common);
                        successor(common)
                    }
                }
            }
        };
        match skip_to {
            Some(next) => cursor.seek(Bound::Included(&next)),
            None => break,
        }
    }
    end
}

fn start<'a>(query: &Query<'a>) -> Bound<&'a str> {
    if query.after >= query.prefix && !query.after.is_empty() {
        Bound::Excluded(query.after)
    } else {
        Bound::Included(query.prefix)
    }
}

fn common_prefix<'k>(query: &Query<'_>, key: &'k str, rest: &str) -> Option<&'k str> {
    let delimiter = query.delimiter?;
    let at = rest.find(delimiter)?;
    key.get(..query.prefix.len() + at + delimiter.len())
}

/// The first text that stands behind every text beginning with `prefix`; `None` if there is none.
pub(crate) fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            char::MAX => continue,
            '\u{d7ff}' => '\u{e000}',
            _ => char::from_u32(u32::from(last) + 1)?,
        };
        text.push(next);
        return Some(text);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("x\u{d7ff}").as_deref(), Some("x\u{e000}"));
        assert_eq!(successor("x\u{10ffff}").as_deref(), Some("y"));
        assert_eq!(successor("\u{10ffff}"), None);
        assert_eq!(successor(""), None);
    }
}
