//! The workers: each takes the next file or the next part of a big one, and counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::DefaultHashBuilder;
use spacewatch_access_log::{Counts, Entry, Line, LogReader};

use crate::collector::Collector;
use crate::duplicates::SeenLines;
use crate::failed::FileProblem;
use crate::inputs::{self, Input, Inputs, Source};
use crate::options::{Limits, Options};
use crate::report::{Report, assemble};
use crate::segment::{Headers, Lines, Segment, prime, rest_of_line};
use crate::unpack::{self, Packing};

/// Lines are hardly shorter than this: what is expected, not what is allowed.
const LIKELY_LINE_BYTES: u64 = 400;

/// How far the work is, to be looked at while it goes on.
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    read: AtomicU64,
    lines: AtomicU64,
}

impl Progress {
    /// The bytes of all files, as far as they are known.
    pub fn total_bytes(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// The bytes read of them.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The lines met so far.
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }
}

/// Reads all sources and counts what they hold. Files that can't be read are listed in the report and end nothing.
pub fn analyse(sources: &[Source], options: &Options, progress: &Progress) -> Report {
    let found = inputs::find(sources, options.limits.files);
    let bytes: u64 = found.files.iter().map(|input| input.bytes).sum();
    progress.total.store(bytes, Ordering::Relaxed);
    let likely = usize::try_from(bytes / LIKELY_LINE_BYTES).unwrap_or(usize::MAX);
    let seen = SeenLines::new(options.limits.remembered_lines, likely);
    let queue = Queue::new(&found, &options.limits);
    let hasher = DefaultHashBuilder::default();
    let work = || {
        let mut worker = Worker {
            options,
            progress,
            queue: &queue,
            collector: Collector::new(options, &seen, &hasher),
            unpacked: 0,
            failed: Vec::new(),
        };
        worker.run();
        (worker.collector, worker.unpacked, worker.failed)
    };
    let mut parts = std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..options.workers.get()).map(|_| scope.spawn(work)).collect();
        let mut parts = vec![work()];
        // A worker that died would have taken its figures with it.
        parts.extend(helpers.into_iter().map(|helper| match helper.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        }));
        parts.into_iter()
    });
    let Some((mut all, mut unpacked, mut failed)) = parts.next() else {
        return Report::default();
    };
    for (part, more, problems) in parts {
        all.join(part);
        unpacked += more;
        failed.extend(problems);
    }
    failed.sort_unstable_by_key(|(file, _)| *file);
    failed.dedup_by_key(|(file, _)| *file);
    assemble(
        all,
        &found,
        Outcome {
            unpacked,
            failed,
            forgot_lines: seen.is_full(),
        },
    )
}

/// What became of the files.
pub(crate) struct Outcome {
    pub(crate) unpacked: u64,
    pub(crate) failed: Vec<(usize, FileProblem)>,
    pub(crate) forgot_lines: bool,
}

/// What is still to be done, the largest files first.
struct Queue<'a> {
    inputs: &'a [Input],
    order: Vec<usize>,
    segment_bytes: u64,
    headers: Vec<Headers>,
    next: Mutex<Next>,
}

#[derive(Default)]
struct Next {
    place: usize,
    /// The next segment of the file at this place, if it is read in segments.
    segment: usize,
}

enum Task<'a> {
    Whole(usize),
    Part(usize, Segment<'a>),
}

impl<'a> Queue<'a> {
    fn new(found: &'a Inputs, limits: &Limits) -> Self {
        let mut order: Vec<usize> = (0..found.files.len()).collect();
        order.sort_by_key(|file| std::cmp::Reverse(found.files.get(*file).map_or(0, |input| input.bytes)));
        let segment_bytes = limits.segment_bytes.max(1);
        let headers = order.iter().map(|file| {
            let segments = found
                .files
                .get(*file)
                .map_or(0, |input| segments_of(input, segment_bytes));
            Headers::new(segments)
        });
        Self {
            inputs: &found.files,
            headers: headers.collect(),
            order,
            segment_bytes,
            next: Mutex::new(Next::default()),
        }
    }

    fn take(&'a self) -> Option<Task<'a>> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let file = *self.order.get(next.place)?;
        let (input, headers) = (self.inputs.get(file)?, self.headers.get(next.place)?);
        let segments = segments_of(input, self.segment_bytes);
        if segments == 0 || (next.segment == 0 && !is_plain(input)) {
            next.place += 1;
            return Some(Task::Whole(file));
        }
        let number = next.segment;
        let start = (number as u64).saturating_mul(self.segment_bytes);
        next.segment += 1;
        if next.segment >= segments {
            *next = Next {
                place: next.place + 1,
                segment: 0,
            };
        }
        let segment = Segment {
            input,
            headers,
            number,
            start,
            end: start.saturating_add(self.segment_bytes).min(input.bytes),
        };
        Some(Task::Part(file, segment))
    }
}

/// Into how many segments a plain file is cut; none for a small one.
fn segments_of(input: &Input, segment_bytes: u64) -> usize {
    if !input.seekable || input.bytes <= segment_bytes {
        return 0;
    }
    usize::try_from(input.bytes.div_ceil(segment_bytes)).unwrap_or(usize::MAX)
}

fn is_plain(input: &Input) -> bool {
    let first = input
        .open_at(0)
        .and_then(|mut file| unpack::first_bytes(&mut file));
    first.is_ok_and(|first| Packing::of(&first) == Packing::Plain)
}

struct Worker<'a> {
    options: &'a Options,
    progress: &'a Progress,
    queue: &'a Queue<'a>,
    collector: Collector<'a>,
    unpacked: u64,
    failed: Vec<(usize, FileProblem)>,
}

impl<'a> Worker<'a> {
    fn run(&mut self) {
        let mut buffer = Vec::new();
        while let Some(task) = self.queue.take() {
            let (file, done) = match task {
                Task::Whole(file) => (file, self.whole(file)),
                Task::Part(file, segment) => (file, self.part(file, segment, &mut buffer)),
            };
            if let Err(problem) = done {
                self.failed.push((file, problem));
            }
        }
    }

    fn whole(&mut self, file: usize) -> Result<(), FileProblem> {
        let Some(input) = self.queue.inputs.get(file) else {
            return Ok(());
        };
        let from = input.open().map_err(|error| FileProblem::unreadable(&error))?;
        let mut reader = LogReader::new(Default::default());
        let mut before = Counts::default();
        let collector = &mut self.collector;
        let (progress, unpacked) = (self.progress, &mut self.unpacked);
        let done = unpack::unpacked(from, &self.options.limits, &progress.read, &mut |chunk| {
            *unpacked += chunk.len() as u64;
            reader.feed(chunk, |line, entry| collector.add(file, 0, &line, &entry));
            let counts = reader.counts();
            progress
                .lines
                .fetch_add(counts.lines.saturating_sub(before.lines), Ordering::Relaxed);
            before = counts;
        });
        // The last line of a broken file is cut somewhere, and half a record may look like a whole one.
        if done.is_ok() {
            reader.finish(|line, entry| collector.add(file, 0, &line, &entry));
        }
        self.count(reader.counts());
        done.map(|_| ())
    }

    fn part(&mut self, file: usize, segment: Segment<'a>, buffer: &mut Vec<u8>) -> Result<(), FileProblem> {
        let lines = segment
            .load(buffer)
            .map_err(|error| FileProblem::unreadable(&error))?;
        let Lines {
            header,
            offset,
            held,
            rest,
        } = lines;
        let mut reader = LogReader::new(Default::default());
        let moved = header.map_or(0, |header| prime(&mut reader, &header));
        let before = reader.counts();
        let collector = &mut self.collector;
        // The reader counts from the header it was told of; the file counts from its own beginning.
        let mut add = |line: Line<'_>, entry: Entry<'_>| {
            let line = Line {
                offset: line.offset.saturating_sub(moved),
                ..line
            };
            collector.add(file, offset, &line, &entry);
        };
        reader.feed(held, &mut add);
        self.unpacked += held.len() as u64;
        let mut done = Ok(());
        if let Some(mut rest) = rest {
            let unpacked = &mut self.unpacked;
            done = rest_of_line(&mut rest, |more| {
                *unpacked += more.len() as u64;
                reader.feed(more, &mut add);
            });
        }
        reader.finish(&mut add);
        let counts = reader.counts();
        self.progress
            .read
            .fetch_add(segment.end.saturating_sub(segment.start), Ordering::Relaxed);
        self.progress
            .lines
            .fetch_add(counts.lines.saturating_sub(before.lines), Ordering::Relaxed);
        self.count(Counts {
            lines: counts.lines.saturating_sub(before.lines),
            silent: counts.silent.saturating_sub(before.silent),
            ..counts
        });
        done.map_err(|error| FileProblem::unreadable(&error))
    }

    fn count(&mut self, counts: Counts) {
        self.collector.counts.lines += counts.lines;
        self.collector.counts.silent += counts.silent;
    }
}
