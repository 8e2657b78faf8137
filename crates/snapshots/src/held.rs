//! An object in memory, packed as it came, and the records in it.

use std::sync::OnceLock;

use bytes::Bytes;
use memchr::memmem;

use crate::body::{End, each_line};
use crate::place::Kind;
use crate::reading::Spans;
use crate::roll_up::RollUp;
use crate::{SnapshotRecord, Wanted};

/// Bytes that one object, or one source of a roll-up, unpacks to at most.
const MAX_UNPACKED: u64 = 256 << 20;

/// An object in memory, packed as it came.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Bytes,
    form: Form,
    /// How many lines of it are no records, once somebody looked at all of them.
    broken: OnceLock<u64>,
}

#[derive(Debug)]
enum Form {
    Lines {
        legacy: bool,
    },
    RollUp(RollUp),
    /// Named like a roll-up, and none.
    Nothing,
}

/// What was seen of objects on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) lines_broken: u64,
    pub(crate) objects_broken: u64,
    /// Bytes unpacked.
    pub(crate) bytes: u64,
}

impl Seen {
    fn end(&mut self, end: End) {
        self.bytes = self.bytes.saturating_add(end.bytes);
        self.objects_broken = self.objects_broken.saturating_add(u64::from(end.broken));
    }

    /// Everything could be read.
    pub(crate) fn is_whole(self) -> bool {
        self.lines_broken == 0 && self.objects_broken == 0
    }
}

impl Held {
    pub(crate) fn read(bytes: Bytes, kind: Kind) -> Self {
        let form = match kind {
            Kind::Run => Form::Lines { legacy: false },
            Kind::Legacy => Form::Lines { legacy: true },
            Kind::RollUp(_) => RollUp::read(&bytes).map_or(Form::Nothing, Form::RollUp),
        };
        Self {
            bytes,
            form,
            broken: OnceLock::new(),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn is_legacy(&self) -> bool {
        matches!(self.form, Form::Lines { legacy: true })
    }

    /// Gives every record that is wanted.
    pub(crate) fn records(&self, wanted: &Wanted, mut give: impl FnMut(SnapshotRecord)) -> Seen {
        let mut seen = Seen::default();
        match &self.form {
            Form::Nothing => seen.objects_broken = 1,
            Form::Lines { legacy } => self.lines(*legacy, wanted, &mut seen, &mut give),
            Form::RollUp(roll_up) => {
                let fits = |source| wanted.source.as_ref().is_none_or(|wanted| wanted == source);
                for part in &roll_up.parts {
                    if fits(&part.source) && part.overlaps(wanted.period) {
                        part_records(&roll_up.member(part), wanted, &mut seen, &mut give);
                    }
                }
            }
        }
        seen
    }

    fn lines(&self, legacy: bool, wanted: &Wanted, seen: &mut Seen, give: &mut impl FnMut(SnapshotRecord)) {
        // Names of buckets have nothing that would be escaped, so a line without the name isn't about it. Lines are left out
        // only once it is known how many of them are broken.
        let known = self.broken.get().copied();
        let name = wanted.source.as_ref().filter(|_| known.is_some());
        let finder = name.map(|source| memmem::Finder::new(source.bucket.as_str()));
        let mut broken = 0_u64;
        let end = each_line(&self.bytes, MAX_UNPACKED, |line| {
            if finder.as_ref().is_some_and(|finder| finder.find(line).is_none()) {
                return;
            }
            match SnapshotRecord::read(line, legacy) {
                Some(record) => wanted.pass(record, give),
                None => broken = broken.saturating_add(1),
            }
        });
        seen.end(end);
        let broken = known.unwrap_or(broken);
        let _ = self.broken.set(broken);
        seen.lines_broken = seen.lines_broken.saturating_add(broken);
    }

    /// Notes whose records there are, and from when to when; what a header says is believed.
    pub(crate) fn spans(&self, wanted: &Wanted, spans: &mut Spans) -> Seen {
        let mut seen = Seen::default();
        let Form::RollUp(roll_up) = &self.form else {
            return self.records(wanted, |record| spans.add_record(&record));
        };
        for part in &roll_up.parts {
            if part.is_within(wanted.period) {
                spans.add(&part.source, part.first, part.last);
            } else if part.overlaps(wanted.period) {
                let mut give = |record: SnapshotRecord| spans.add_record(&record);
                part_records(&roll_up.member(part), wanted, &mut seen, &mut give);
            }
        }
        seen
    }
}

fn part_records(member: &[u8], wanted: &Wanted, seen: &mut Seen, give: &mut impl FnMut(SnapshotRecord)) {
    let mut broken = 0_u64;
    let end = each_line(member, MAX_UNPACKED, |line| {
        match SnapshotRecord::read(line, false) {
            Some(record) => wanted.pass(record, give),
            None => broken = broken.saturating_add(1),
        }
    });
    seen.end(end);
    seen.lines_broken = seen.lines_broken.saturating_add(broken);
}
