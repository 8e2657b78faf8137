//! One record of an S3 server access log.

mod head;
mod loose;
mod middle;
mod tail;

use std::borrow::Cow;

use memchr::memmem;
use spacewatch_model::Timestamp;

use crate::key::KeyEncoding;
use crate::operation::{Category, Operation};
use crate::reject::Reason;
use crate::scan::{Cursor, trim_end};
use crate::time::{Days, Moment};

pub use tail::TailFields;

/// Who wrote a line, as far as the line shows: which rule accepted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The format AWS documents; DigitalOcean Spaces writes it too.
    Aws,
    /// Backblaze B2: operations such as `REST.S3_GET_OBJECT`.
    Backblaze,
    /// OVH: the owner is `PROJECT:USER`.
    Ovh,
    /// Ceph's object gateway: raw keys, unquoted referer, `5ms`.
    Ceph,
    /// Scality: escaped quotes, times such as `1.5e+06`.
    Scality,
}

impl Dialect {
    /// The word for it in columns and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Backblaze => "backblaze",
            Self::Ovh => "ovh",
            Self::Ceph => "ceph",
            Self::Scality => "scality",
        }
    }
}

/// A field that may stand in double quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quotable<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) quoted: bool,
}

impl<'a> Quotable<'a> {
    const MISSING: Self = Self {
        text: b"-",
        quoted: false,
    };

    pub(crate) fn present(self) -> Option<&'a [u8]> {
        present(self.text)
    }
}

/// What stands left of the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) owner: &'a [u8],
    pub(crate) bucket: &'a [u8],
    pub(crate) time: Moment,
    pub(crate) remote_ip: &'a [u8],
    pub(crate) requester: &'a [u8],
    pub(crate) request_id: &'a [u8],
    pub(crate) operation: Operation<'a>,
}

/// What stands between the operation and the numbers' end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Middle<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) uri: Quotable<'a>,
    pub(crate) numbers: Numbers<'a>,
}

/// Status to turn-around time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers<'a> {
    pub(crate) status: Option<u16>,
    pub(crate) error_code: &'a [u8],
    pub(crate) bytes_sent: Option<u64>,
    pub(crate) object_size: Option<u64>,
    pub(crate) total_ms: Option<u64>,
    pub(crate) turnaround_ms: Option<u64>,
}

/// Referer, user agent, and what follows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End<'a> {
    pub(crate) referer: Quotable<'a>,
    pub(crate) user_agent: Quotable<'a>,
    pub(crate) tail: &'a [u8],
    pub(crate) ambiguous: bool,
}

/// One record. It borrows the line; nothing is copied, and what stands right of the user agent is
/// split only when asked for.
///
/// A text accessor gives `None` where the line says `-` or `"-"`. Bytes are as logged, not unescaped,
/// and may be no UTF-8: all of it is hostile.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    line: &'a [u8],
    pub(crate) head: Head<'a>,
    pub(crate) middle: Middle<'a>,
    pub(crate) end: End<'a>,
    dialect: Dialect,
    plain: bool,
}

/// A text field, `None` for `-`.
#[inline]
pub(crate) fn present(text: &[u8]) -> Option<&[u8]> {
    (text != b"-").then_some(text)
}

impl<'a> Record<'a> {
    /// Reads one line (without its line feed).
    ///
    /// # Errors
    ///
    /// The reason why the line is no record.
    pub fn parse(line: &'a [u8]) -> Result<Self, Reason> {
        Self::read(line, &mut Days::default())
    }

    pub(crate) fn read(line: &'a [u8], days: &mut Days) -> Result<Self, Reason> {
        let body = trim_end(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
        let mut cursor = Cursor::new(body);
        let head = head::read(&mut cursor, days)?;
        let strict = strict(cursor);
        // Spaces has Ceph's request ids and AWS's format; only Ceph's own lines hold a time such as `5ms`.
        let maybe_ceph =
            head::is_ceph_request_id(head.request_id) && memmem::find(cursor.rest, b"ms ").is_some();
        let loose = if maybe_ceph || strict.is_err() {
            loose::read(cursor.rest)
        } else {
            None
        };
        let (middle, end, dialect, plain) = match (strict, loose) {
            (Ok((middle, mut end, plain)), found) => {
                // Whatever a client put into a line, both readings of it are possible then.
                if let Some(found) = found.filter(|found| found.dialect == Dialect::Ceph) {
                    end.ambiguous = true;
                    if found.key_in_uri {
                        let end = End {
                            ambiguous: true,
                            ..found.end
                        };
                        return Ok(Self::assemble(
                            line,
                            head,
                            found.middle,
                            end,
                            (Dialect::Ceph, false),
                        ));
                    }
                }
                (middle, end, dialect_of(&head), plain)
            }
            (Err(_), Some(found)) => (found.middle, found.end, found.dialect, false),
            (Err(reason), None) => return Err(reason),
        };
        let plain = plain && body.len() == line.len();
        Ok(Self::assemble(line, head, middle, end, (dialect, plain)))
    }

    fn assemble(
        line: &'a [u8],
        head: Head<'a>,
        middle: Middle<'a>,
        end: End<'a>,
        (dialect, plain): (Dialect, bool),
    ) -> Self {
        Self {
            line,
            head,
            middle,
            end,
            dialect,
            plain,
        }
    }

    /// The whole line as it was given.
    pub fn line(&self) -> &'a [u8] {
        self.line
    }

    /// Which rule accepted the line.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether the line can be split in more than one way, because a client put the seam between two
    /// fields into one of them. The first split was taken.
    pub fn is_ambiguous(&self) -> bool {
        self.end.ambiguous
    }

    /// Whether the fields, printed in the documented form, give the line back. The tail is looked at by who prints it.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// The canonical user id of the bucket's owner.
    pub fn owner(&self) -> Option<&'a [u8]> {
        present(self.head.owner)
    }

    /// The bucket; Ceph may write `tenant:bucket`.
    pub fn bucket(&self) -> Option<&'a [u8]> {
        present(self.head.bucket)
    }

    /// When the request was received, to the second, whatever zone the line was written in.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_second(self.head.time.seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// When the request was received, in seconds since 1970.
    pub fn unix_seconds(&self) -> i64 {
        self.head.time.seconds
    }

    /// The apparent address of the client; none for what the store does itself.
    pub fn remote_ip(&self) -> Option<&'a [u8]> {
        present(self.head.remote_ip)
    }

    /// Who asked; none for anonymous requests. May hold spaces.
    pub fn requester(&self) -> Option<&'a [u8]> {
        present(self.head.requester)
    }

    /// The id of the request. All lines of one multi-object delete share one.
    pub fn request_id(&self) -> Option<&'a [u8]> {
        present(self.head.request_id)
    }

    /// What was done.
    pub fn operation(&self) -> Operation<'a> {
        self.head.operation
    }

    /// What it counts as.
    pub fn category(&self) -> Category {
        self.operation().category()
    }

    /// The key as logged.
    pub fn key_raw(&self) -> Option<&'a [u8]> {
        present(self.middle.key)
    }

    /// How the key was logged.
    pub fn key_encoding(&self) -> KeyEncoding {
        match self.dialect {
            Dialect::Ceph => KeyEncoding::Raw,
            _ => self.operation().key_encoding(),
        }
    }

    /// The key itself.
    pub fn key(&self) -> Option<Cow<'a, [u8]>> {
        self.key_raw().map(|raw| self.key_encoding().decode(raw))
    }

    /// The request line: method, target and version.
    pub fn request_uri(&self) -> Option<&'a [u8]> {
        self.middle.uri.present()
    }

    /// The HTTP method: of the request line, else what the operation speaks of.
    pub fn method(&self) -> Option<&'a str> {
        let written = self
            .request_uri()
            .and_then(|uri| crate::scan::split_once(uri, b' '));
        let method = written
            .map(|(method, _)| method)
            .filter(|method| (1..=16).contains(&method.len()) && method.iter().all(u8::is_ascii_uppercase));
        method
            .and_then(|method| std::str::from_utf8(method).ok())
            .or_else(|| self.operation().method())
    }

    /// The HTTP status.
    pub fn status(&self) -> Option<u16> {
        self.middle.numbers.status
    }

    /// The store's error code.
    pub fn error_code(&self) -> Option<&'a [u8]> {
        present(self.middle.numbers.error_code)
    }

    /// Bytes of the answer; none means zero. Ceph writes the length of the request here.
    pub fn bytes_sent(&self) -> Option<u64> {
        self.middle.numbers.bytes_sent
    }

    /// The size of the object, also where only a part of it was asked for.
    pub fn object_size(&self) -> Option<u64> {
        self.middle.numbers.object_size
    }

    /// Milliseconds from the request's receipt to the answer's last byte.
    pub fn total_ms(&self) -> Option<u64> {
        self.middle.numbers.total_ms
    }

    /// Milliseconds from the request's last byte to the answer's first.
    pub fn turnaround_ms(&self) -> Option<u64> {
        self.middle.numbers.turnaround_ms
    }

    /// The `Referer` header.
    pub fn referer(&self) -> Option<&'a [u8]> {
        self.end.referer.present()
    }

    /// The `User-Agent` header.
    pub fn user_agent(&self) -> Option<&'a [u8]> {
        self.end.user_agent.present()
    }

    /// Version id to source region: the fields right of the user agent that this generation of the log has.
    pub fn tail(&self) -> TailFields<'a> {
        TailFields::split(self.end.tail)
    }
}

fn strict<'a>(mut cursor: Cursor<'a>) -> Result<(Middle<'a>, End<'a>, bool), Reason> {
    let middle = middle::read(&mut cursor)?;
    let end = tail::read_end(&mut cursor)?;
    Ok((middle, end, cursor.plain))
}

fn dialect_of(head: &Head<'_>) -> Dialect {
    if head.operation.as_bytes().starts_with(b"REST.S3_") {
        Dialect::Backblaze
    } else if memchr::memchr(b':', head.owner).is_some() {
        Dialect::Ovh
    } else {
        Dialect::Aws
    }
}
