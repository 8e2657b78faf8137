//! CloudFront standard logs, which the Spaces CDN writes too.

mod column;

use std::borrow::Cow;

use memchr::{memchr, memchr2};
use spacewatch_model::Timestamp;

use crate::key::KeyEncoding;
use crate::number::{Number, seconds_as_micros, status};
use crate::record::present;
use crate::reject::Reason;
use crate::scan::{split_once, trim_end};
use crate::time::{Days, Moment};

pub use column::CdnColumn;
pub(crate) use column::KNOWN;

/// A header can't name more columns than this.
const MAX_COLUMNS: usize = 128;

/// The columns of a log object, as its `#Fields:` line names them. Without one they are those of today's logs.
#[derive(Debug, Clone)]
pub(crate) struct CdnHeader {
    columns: Vec<Option<CdnColumn>>,
    complete: bool,
    /// A `#Fields:` line was met, so a line with a tab before any space is one of its records.
    announced: bool,
}

impl Default for CdnHeader {
    fn default() -> Self {
        Self {
            columns: CdnColumn::ALL.iter().copied().map(Some).collect(),
            complete: true,
            announced: false,
        }
    }
}

impl CdnHeader {
    /// Reads a `#` line; other ones than `#Fields:` say nothing.
    pub(crate) fn read(&mut self, line: &[u8]) -> Result<(), Reason> {
        let Some(names) = line.strip_prefix(b"#Fields:") else {
            return Ok(());
        };
        let names = trim_end(names)
            .split(u8::is_ascii_whitespace)
            .filter(|name| !name.is_empty());
        let mut columns: Vec<Option<CdnColumn>> = Vec::new();
        for name in names {
            let column = CdnColumn::from_name(name).filter(|column| !columns.contains(&Some(*column)));
            columns.push(column);
            if columns.len() > MAX_COLUMNS {
                return Err(Reason::BadHeader);
            }
        }
        let names_time = [CdnColumn::Date, CdnColumn::Time]
            .iter()
            .all(|column| columns.contains(&Some(*column)));
        if !names_time {
            return Err(Reason::BadHeader);
        }
        self.complete = columns.iter().all(Option::is_some);
        self.columns = columns;
        self.announced = true;
        Ok(())
    }

    /// Whether `line` is to be read by these columns.
    pub(crate) fn covers(&self, line: &[u8]) -> bool {
        begins_with_date(line)
            || (self.announced && memchr2(b'\t', b' ', line).and_then(|at| line.get(at)) == Some(&b'\t'))
    }
}

/// One record of a CloudFront log. It borrows the line; nothing is copied.
#[derive(Debug, Clone, Copy)]
pub struct CdnRecord<'a> {
    line: &'a [u8],
    values: [&'a [u8]; KNOWN],
    order: &'a [Option<CdnColumn>],
    time: Moment,
    plain: bool,
}

/// `2019-12-04` and a tab: no S3 record begins like this.
fn begins_with_date(line: &[u8]) -> bool {
    matches!(line, [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'\t', ..])
}

impl<'a> CdnRecord<'a> {
    pub(crate) fn read(line: &'a [u8], header: &'a CdnHeader, days: &mut Days) -> Result<Self, Reason> {
        let mut body = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        body = body.strip_suffix(b"\r").unwrap_or(body);
        let mut values: [&[u8]; KNOWN] = [b""; KNOWN];
        let mut rest = Some(body);
        for column in &header.columns {
            let Some(text) = rest else {
                return Err(Reason::MissingColumns);
            };
            let (value, after) =
                split_once(text, b'\t').map_or((text, None), |(value, after)| (value, Some(after)));
            rest = after;
            if let Some(slot) = column.and_then(|column| values.get_mut(column.index())) {
                *slot = value;
            }
        }
        let of = |column: CdnColumn| values.get(column.index()).copied().unwrap_or_default();
        let time = days
            .split(of(CdnColumn::Date), of(CdnColumn::Time))
            .ok_or(Reason::BadTime)?;
        if !of(CdnColumn::Status).is_empty() && status(of(CdnColumn::Status)).is_none() {
            return Err(Reason::NoNumbers);
        }
        let plain = header.complete && rest.is_none() && time.plain && body.len() == line.len();
        Ok(Self {
            line,
            values,
            order: &header.columns,
            time,
            plain,
        })
    }

    /// The whole line as it was given.
    pub fn line(&self) -> &'a [u8] {
        self.line
    }

    /// A column as logged; `None` for `-` or when the log has no such column.
    pub fn get(&self, column: CdnColumn) -> Option<&'a [u8]> {
        let value = self.values.get(column.index()).copied().unwrap_or_default();
        present(value).filter(|value| !value.is_empty())
    }

    /// A column percent-decoded, twice: CloudFront encodes what it gets encoded already.
    pub fn decoded(&self, column: CdnColumn) -> Option<Cow<'a, [u8]>> {
        self.get(column).map(|value| KeyEncoding::Twice.decode(value))
    }

    /// When the answer was finished.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_second(self.time.seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The HTTP status; none where the client left before one was sent (`000`).
    pub fn status(&self) -> Option<u16> {
        self.get(CdnColumn::Status)
            .and_then(|text| status(text)?)
            .filter(|status| *status > 0)
    }

    /// A column that holds a whole number.
    pub fn number(&self, column: CdnColumn) -> Option<u64> {
        self.get(column).and_then(|text| Number::strict(text)?.value)
    }

    /// A column that holds seconds with a fraction, in microseconds.
    pub fn micros(&self, column: CdnColumn) -> Option<u64> {
        self.get(column).and_then(seconds_as_micros)
    }

    /// Whether the columns alone, in the header's order, give the line back.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// When the request was answered, in seconds since the epoch.
    pub fn unix_seconds(&self) -> i64 {
        self.time.seconds
    }

    /// The columns in the order of the line.
    pub(crate) fn order(&self) -> &'a [Option<CdnColumn>] {
        self.order
    }

    /// A column's very text.
    pub(crate) fn text(&self, column: CdnColumn) -> &'a [u8] {
        self.values.get(column.index()).copied().unwrap_or_default()
    }

    /// The part of a request before the query, as an object key would be asked for.
    pub fn key(&self) -> Option<Cow<'a, [u8]>> {
        let stem = self.get(CdnColumn::UriStem)?;
        let path = memchr(b'?', stem).map_or(stem, |at| crate::scan::cut(stem, at).0);
        Some(KeyEncoding::Twice.decode(path.strip_prefix(b"/").unwrap_or(path)))
    }
}
