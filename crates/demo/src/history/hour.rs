//! An hour of a bucket, as the text of a log object: late records, repeated ones and rubbish as in life.

use crate::dice::{Dice, whole};
use crate::history::source::Source;
use crate::history::traffic::Occasion;
use crate::history::truth::{LogBucketTruth, LogFigures};
use crate::history::{DAY, HOUR, History, LogRecord, stories};

/// How an hour becomes the text of a log object.
impl History {
    /// How many usual requests there were in an hour: a day has its rhythm, and the last hour isn't over.
    fn requests(&self, source: &Source, hour: i64) -> u64 {
        let begin = self.begin + hour * HOUR;
        if hour < 0 || begin >= self.now {
            return 0;
        }
        let of_day = begin.rem_euclid(DAY) as f64 / HOUR as f64;
        let rhythm = 1.0 + 0.75 * (std::f64::consts::TAU * (of_day - 15.0) / 24.0).cos();
        // 1970-01-01 was a Thursday.
        let weekend = matches!(begin.div_euclid(DAY).rem_euclid(7), 2 | 3);
        let busy = if weekend { 0.75 } else { 1.1 };
        let share = (self.now - begin).min(HOUR) as f64 / HOUR as f64;
        let luck = 0.9 + 0.2 * self.chance(source, hour, 0x1c).unit();
        let again = if stories::is_busy(source, hour) { 6.0 } else { 1.0 };
        whole(source.habit.per_hour * rhythm * busy * share * luck * again)
    }

    /// What becomes of a usual request's records on their way.
    fn fate(&self, source: &Source, hour: i64, index: u64) -> Fate {
        let mut dice = self.chance(source, hour, 0x0fa7_e000_0000 + index);
        // An object that is named after a day holds that day alone.
        let may_wait = !source.place.by_day() && self.begin + (hour + 1) * HOUR < self.now;
        let late = may_wait && dice.chance(0.03);
        match dice.below(2_000) {
            0 => Fate::Repeated { late },
            1 if may_wait => Fate::RepeatedLater,
            2 | 3 => Fate::WithRubbish { late },
            _ => Fate::Usual { late },
        }
    }

    fn usual<'t>(&'t self, source: &'t Source, hour: i64, index: u64, out: &mut Vec<LogRecord<'t>>) {
        let mut dice = self.chance(source, hour, 0x4000_0000_0000 + index);
        let begin = self.begin + hour * HOUR;
        let span = (self.now - begin).clamp(1, HOUR).unsigned_abs();
        let time = begin + i64::try_from(dice.below(span)).unwrap_or(0);
        let Some(client) = self.clients.pick(&mut dice) else {
            return;
        };
        let first = out.len();
        Occasion { source, client, time }.usual(&mut dice, out);
        let records = out.get_mut(first..).unwrap_or_default();
        stories::slow_down(source, hour, &mut dice, records);
    }

    /// The text of the object of one hour, counted on the way.
    pub(super) fn hour(&self, source: &Source, hour: i64, truth: Option<&mut LogBucketTruth>) -> Vec<u8> {
        let mut text = Text::new(source, truth);
        let mut records = Vec::new();
        let mut repeated = Vec::new();
        let mut rubbish = 0;
        for index in 0..self.requests(source, hour) {
            let fate = self.fate(source, hour, index);
            if !fate.is_late() {
                self.usual(source, hour, index, &mut records);
            }
            match fate {
                Fate::Repeated { .. } => self.usual(source, hour, index, &mut repeated),
                Fate::WithRubbish { .. } => rubbish += 1,
                Fate::Usual { .. } | Fate::RepeatedLater => {}
            }
        }
        self.own(source, hour, &mut records);
        for index in 0..self.requests(source, hour - 1) {
            let fate = self.fate(source, hour - 1, index);
            if fate.is_late() {
                self.usual(source, hour - 1, index, &mut records);
            }
            if fate == Fate::RepeatedLater {
                self.usual(source, hour - 1, index, &mut repeated);
            }
        }
        records.sort_by_key(|record| record.time);
        let mut dice = self.chance(source, hour, 0x0bad);
        let mut due = rubbish;
        for record in &records {
            text.record(record);
            if due > 0 && dice.chance(0.05) {
                due -= 1;
                text.rubbish(record, &mut dice);
            }
        }
        for record in &repeated {
            text.repeated(record);
        }
        text.bytes
    }

    /// What the bucket itself tells of the hour, and the incidents.
    fn own<'t>(&'t self, source: &'t Source, hour: i64, out: &mut Vec<LogRecord<'t>>) {
        let begin = self.begin + hour * HOUR;
        let mut dice = self.chance(source, hour, 0x5707);
        for change in source.changes_in(begin, (begin + HOUR).min(self.now)) {
            if let Some(client) = self.clients.pick(&mut dice) {
                let time = change.time;
                out.push(Occasion { source, client, time }.change(change, &mut dice));
            }
        }
        stories::tell(&self.strangers, source, (hour, begin), &mut dice, out);
    }
}

/// What becomes of records between the request and the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Delivered once; late ones with the next hour.
    Usual { late: bool },
    /// Delivered twice in its own hour's object, or there and late.
    Repeated { late: bool },
    /// Delivered again with the next hour.
    RepeatedLater,
    /// Something that is no record stands in the object.
    WithRubbish { late: bool },
}

impl Fate {
    fn is_late(self) -> bool {
        match self {
            Self::Usual { late } | Self::Repeated { late } | Self::WithRubbish { late } => late,
            Self::RepeatedLater => false,
        }
    }
}

/// The text of an object, and who counts what goes into it.
struct Text<'s, 'c> {
    source: &'s Source,
    truth: Option<&'c mut LogBucketTruth>,
    bytes: Vec<u8>,
}

impl<'s, 'c> Text<'s, 'c> {
    fn new(source: &'s Source, truth: Option<&'c mut LogBucketTruth>) -> Self {
        Self {
            source,
            truth,
            bytes: Vec::with_capacity(64 * 1024),
        }
    }

    fn record(&mut self, record: &LogRecord<'_>) {
        record.write(&mut self.bytes);
        if let Some(truth) = &mut self.truth {
            truth.lines += 1;
            if !truth.buckets.contains_key(&self.source.bucket) {
                truth
                    .buckets
                    .insert(self.source.bucket.clone(), LogFigures::default());
            }
            if let Some(figures) = truth.buckets.get_mut(&self.source.bucket) {
                figures.count(record);
            }
        }
    }

    fn repeated(&mut self, record: &LogRecord<'_>) {
        record.write(&mut self.bytes);
        if let Some(truth) = &mut self.truth {
            truth.lines += 1;
            truth.duplicates += 1;
        }
    }

    fn rubbish(&mut self, record: &LogRecord<'_>, dice: &mut Dice) {
        match dice.below(4) {
            0 => self
                .bytes
                .extend_from_slice(b"{\"level\":\"error\",\"msg\":\"disk full\"}\n"),
            1 => self.bytes.extend_from_slice(b"\x00\x01\x02\xff\xfe\n"),
            _ => {
                let mut line = Vec::new();
                record.write(&mut line);
                // Cut off before the operation is told.
                line.truncate(record.owner.len() + record.bucket.len() + 40);
                line.push(b'\n');
                self.bytes.extend_from_slice(&line);
            }
        }
        if let Some(truth) = &mut self.truth {
            truth.lines += 1;
            truth.rejects += 1;
        }
    }
}
