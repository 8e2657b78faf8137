//! Answers that are still true: what was worked out before from the very same files.
//!
//! Files are never rewritten in place. So an answer holds as long as the files that may hold what was asked for are the same ones,
//! and a question about days that are over is not worked out again because records of today came in.

use std::any::Any;
use std::fmt::{self, Debug, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::cache::lru_queue::LruQueue;
use spacewatch_model::{BucketName, TimeRange, Timestamp};

use crate::tables::LakeSnapshot;
use crate::{LakeError, RecordFilter};

/// Bytes of answers that are kept, as long as they are when written out.
const MAX_BYTES: usize = 8 << 20;
/// Longer answers are not kept.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// A digest of a question and of the files it is about.
type Digest = [u8; blake3::OUT_LEN];

/// The answers of a lake, those forgotten first that were not asked for the longest time.
#[derive(Default)]
pub(crate) struct Answers(Mutex<Kept>);

struct Kept {
    bytes: usize,
    answers: LruQueue<Digest, Answer>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            bytes: 0,
            answers: LruQueue::new(),
        }
    }
}

#[derive(Clone)]
struct Answer {
    bytes: usize,
    value: Arc<dyn Any + Send + Sync>,
}

/// Which records a question may be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    bucket: Option<&'a BucketName>,
    period: TimeRange,
}

impl<'a> Scope<'a> {
    /// The bucket and the period of a filter.
    pub(crate) fn of(filter: &'a RecordFilter) -> Self {
        Self {
            bucket: filter.bucket.as_ref(),
            period: filter.period,
        }
    }

    /// The bucket of a filter, between two moments.
    pub(crate) fn between(filter: &'a RecordFilter, from: Timestamp, to: Timestamp) -> Self {
        let period = TimeRange {
            from: Some(from),
            to: Some(to),
        };
        Self {
            period,
            ..Self::of(filter)
        }
    }
}

impl Answers {
    /// The answer to a question about requests, worked out unless it is known. `kind` tells questions apart that are written alike.
    pub(crate) async fn of<A, W>(
        &self,
        snapshot: &LakeSnapshot,
        (kind, scope, ask): (&str, Scope<'_>, &(dyn Debug + Sync)),
        work: W,
    ) -> Result<A, LakeError>
    where
        A: Debug + Clone + Send + Sync + 'static,
        W: Future<Output = Result<A, LakeError>>,
    {
        let digest = digest(snapshot, kind, scope, ask);
        if let Some(known) = self.get(&digest) {
            return Ok(known);
        }
        let answer = work.await?;
        self.keep(digest, &answer);
        Ok(answer)
    }

    fn get<A: Clone + 'static>(&self, digest: &Digest) -> Option<A> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(digest)?.value.downcast_ref().cloned()
    }

    fn keep<A: Debug + Clone + Send + Sync + 'static>(&self, digest: Digest, answer: &A) {
        let Some(bytes) = written_length(answer) else {
            return;
        };
        let answer = Answer {
            bytes,
            value: Arc::new(answer.clone()),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes = kept.bytes.saturating_add(bytes);
        if let Some(old) = kept.answers.put(digest, answer) {
            kept.bytes = kept.bytes.saturating_sub(old.bytes);
        }
        while kept.bytes > MAX_BYTES {
            let Some((_, old)) = kept.answers.pop() else {
                return;
            };
            kept.bytes = kept.bytes.saturating_sub(old.bytes);
        }
    }
}

impl Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

fn digest(snapshot: &LakeSnapshot, kind: &str, scope: Scope<'_>, ask: &dyn Debug) -> Digest {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_le_bytes()).update(bytes);
    };
    part(kind.as_bytes());
    part(format!("{ask:?}").as_bytes());
    let files = snapshot.requests.files.iter();
    for file in files.filter(|file| file.may_hold(scope.bucket, scope.period)) {
        part(file.path.as_ref().as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// How long an answer is when written out, unless that is too long.
fn written_length(answer: &dyn Debug) -> Option<usize> {
    let mut length = Length(0);
    write!(length, "{answer:?}").ok()?;
    Some(length.0)
}

struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.len());
        if self.0 > MAX_ANSWER_BYTES {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use arrow_schema::Schema;
    use object_store::memory::InMemory;

    use super::*;
    use crate::tables::{DataFile, Table, TableSnapshot};

    /// A lake whose requests lie in these files: name, bucket, hour of the only record.
    fn snapshot(files: &[(&str, &str, i64)]) -> LakeSnapshot {
        let table = |table, files: &[(&str, &str, i64)]| TableSnapshot {
            table,
            schema: Arc::new(Schema::empty()),
            files: files
                .iter()
                .map(|(name, bucket, hour)| {
                    Arc::new(DataFile {
                        path: (*name).into(),
                        bytes: 1,
                        rows: 1,
                        bucket: Some((*bucket).to_owned()),
                        times: Some((hour * 3_600_000_000, hour * 3_600_000_000)),
                    })
                })
                .collect(),
        };
        LakeSnapshot {
            store: Arc::new(InMemory::new()),
            requests: table(Table::Requests, files),
            cdn: table(Table::Cdn, &[]),
            rejects: table(Table::Rejects, &[]),
            log_objects: table(Table::LogObjects, &[]),
        }
    }

    /// Asks about the first ten hours of bucket `a`; tells whether the answer had to be worked out.
    fn is_worked_out<A>(answers: &Answers, files: &[(&str, &str, i64)], (kind, answer): (&str, A)) -> bool
    where
        A: Debug + Clone + Send + Sync + PartialEq + 'static,
    {
        let at = |hour: i64| Timestamp::from_second(hour * 3_600).unwrap();
        let filter = RecordFilter {
            bucket: Some("aaa".parse().unwrap()),
            ..RecordFilter::default()
        };
        let worked = Cell::new(false);
        let work = async {
            worked.set(true);
            Ok(answer.clone())
        };
        let question = (kind, Scope::between(&filter, at(0), at(10)), &filter as _);
        let threads = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let told = threads.block_on(answers.of(&snapshot(files), question, work));
        assert_eq!(told.unwrap(), answer);
        worked.get()
    }

    #[test]
    fn an_answer_holds_as_long_as_its_files() {
        let answers = Answers::default();
        let first = [("1", "aaa", 1)];
        assert!(is_worked_out(&answers, &first, ("count", 1_u64)));
        assert!(!is_worked_out(&answers, &first, ("count", 1_u64)));
        // Another question, although it is written alike.
        assert!(is_worked_out(&answers, &first, ("sum", 7_u64)));
        // Records of another bucket, or of another time, change nothing.
        assert!(!is_worked_out(
            &answers,
            &[first[0], ("2", "bbb", 1), ("3", "aaa", 10)],
            ("count", 1_u64)
        ));
        // Another record does, and so does the same one in another file: who knows what it was merged with.
        assert!(is_worked_out(
            &answers,
            &[first[0], ("4", "aaa", 9)],
            ("count", 2_u64)
        ));
        assert!(is_worked_out(&answers, &[("5", "aaa", 1)], ("count", 3_u64)));
        assert!(!is_worked_out(&answers, &first, ("count", 1_u64)));
    }

    #[test]
    fn memory_is_bounded() {
        let answers = Answers::default();
        let files = [("1", "aaa", 1)];
        let long = "x".repeat(MAX_ANSWER_BYTES);
        assert!(is_worked_out(&answers, &files, ("long", long.clone())));
        assert!(
            is_worked_out(&answers, &files, ("long", long)),
            "too long to be kept"
        );
        let large = "x".repeat(MAX_ANSWER_BYTES - 100);
        let kinds: Vec<String> = (0..100).map(|kind| kind.to_string()).collect();
        for kind in &kinds {
            is_worked_out(&answers, &files, (kind, large.clone()));
        }
        assert!(answers.0.lock().unwrap().bytes <= MAX_BYTES);
        assert!(!is_worked_out(&answers, &files, ("99", large.clone())));
        assert!(is_worked_out(&answers, &files, ("0", large)), "forgotten first");
    }
}
