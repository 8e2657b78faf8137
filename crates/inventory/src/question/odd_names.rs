//! Objects with odd names, and objects without a byte.

use serde::{Deserialize, Serialize};
use spacewatch_model::{ByteSize, Timestamp};
use utoipa::ToSchema;

use super::Source;
use crate::entry::timestamp;
use crate::odd::oddities;
use crate::{InventoryError, Kind, OddCount, Oddity};

const COLUMNS: [&str; 4] = ["key", "kind", "size", "last_modified"];

/// Which objects are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OddFilter {
    /// Those whose names are odd in any way.
    #[default]
    AnyName,
    /// Those without a byte.
    ZeroByte,
    /// Names with control characters.
    ControlCharacter,
    /// Names with characters that take no room or turn text around.
    InvisibleCharacter,
    /// Spaces at the beginning or end of a part.
    OuterSpace,
    /// Parts without a name.
    EmptyPart,
    /// Parts called `.` or `..`.
    DotPart,
    /// Backslashes.
    Backslash,
    /// What looks percent-encoded.
    PercentEncoded,
    /// Long names, or long parts of one.
    VeryLong,
    /// `/` at the end.
    TrailingSlash,
}

impl OddFilter {
    fn oddity(self) -> Option<Oddity> {
        match self {
            Self::AnyName | Self::ZeroByte => None,
            Self::ControlCharacter => Some(Oddity::ControlCharacter),
            Self::InvisibleCharacter => Some(Oddity::InvisibleCharacter),
            Self::OuterSpace => Some(Oddity::OuterSpace),
            Self::EmptyPart => Some(Oddity::EmptyPart),
            Self::DotPart => Some(Oddity::DotPart),
            Self::Backslash => Some(Oddity::Backslash),
            Self::PercentEncoded => Some(Oddity::PercentEncoded),
            Self::VeryLong => Some(Oddity::VeryLong),
            Self::TrailingSlash => Some(Oddity::TrailingSlash),
        }
    }

    fn takes(self, size: u64, found: &[Oddity]) -> bool {
        match self.oddity() {
            Some(oddity) => found.contains(&oddity),
            None if self == Self::ZeroByte => size == 0,
            None => !found.is_empty(),
        }
    }
}

/// An object that stands out by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OddObject {
    /// The whole key.
    pub key: String,
    /// Its size.
    pub size_bytes: ByteSize,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// What is odd about its name.
    pub oddities: Vec<Oddity>,
}

/// Objects that stand out by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OddList {
    /// The first of them, by key.
    pub objects: Vec<OddObject>,
    /// How many there are.
    pub object_count: u64,
    /// Their size.
    pub total_bytes: ByteSize,
    /// How many objects have no byte, whatever was looked for.
    pub zero_byte_objects: u64,
    /// How many names are odd in which way, whatever was looked for.
    pub counts: Vec<OddCount>,
}

pub(crate) fn odd(source: &Source, filter: OddFilter, limit: usize) -> Result<OddList, InventoryError> {
    let mut list = OddList {
        objects: Vec::new(),
        object_count: 0,
        total_bytes: ByteSize(0),
        zero_byte_objects: 0,
        counts: Oddity::ALL
            .into_iter()
            .map(|oddity| OddCount {
                oddity,
                objects: 0,
                bytes: ByteSize(0),
            })
            .collect(),
    };
    source.each(&COLUMNS, |row| {
        if row.kind != Kind::Current {
            return;
        }
        let found: Vec<Oddity> = oddities(row.key).collect();
        list.zero_byte_objects = list.zero_byte_objects.saturating_add(u64::from(row.size == 0));
        for count in &mut list.counts {
            if found.contains(&count.oddity) {
                count.objects = count.objects.saturating_add(1);
                count.bytes += ByteSize(row.size);
            }
        }
        if !filter.takes(row.size, &found) {
            return;
        }
        list.object_count = list.object_count.saturating_add(1);
        list.total_bytes += ByteSize(row.size);
        if list.objects.len() < limit {
            list.objects.push(OddObject {
                key: row.key.to_owned(),
                size_bytes: ByteSize(row.size),
                last_modified: timestamp(row.modified),
                oddities: found,
            });
        }
    })?;
    list.counts.retain(|count| count.objects > 0);
    Ok(list)
}
