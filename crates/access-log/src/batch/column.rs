//! Column builders that take borrowed bytes and allocate only when they grow.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Int16Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, DictionaryArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

/// Name, whether it may be null, values.
pub(super) type Column = (&'static str, bool, ArrayRef);

pub(super) fn column(name: &'static str, nullable: bool, array: ArrayRef) -> Column {
    (name, nullable, array)
}

fn nulls() -> NullBufferBuilder {
    NullBufferBuilder::new(1024)
}

/// Whole numbers.
#[derive(Debug)]
pub(super) struct Int<T> {
    values: Vec<T>,
    nulls: NullBufferBuilder,
}

impl<T> Default for Int<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            nulls: nulls(),
        }
    }
}

impl<T: Default> Int<T> {
    #[inline]
    pub(super) fn push(&mut self, value: Option<T>) {
        self.nulls.append(value.is_some());
        self.values.push(value.unwrap_or_default());
    }

    pub(super) fn finish_as<A>(mut self) -> PrimitiveArray<A>
    where
        A: ArrowPrimitiveType<Native = T>,
        T: arrow_buffer::ArrowNativeType,
    {
        PrimitiveArray::new(ScalarBuffer::from(self.values), self.nulls.finish())
    }
}

impl Int<i64> {
    #[inline]
    pub(super) fn push_u64(&mut self, value: Option<u64>) {
        self.push(value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)));
    }

    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(self.finish_as::<Int64Type>())
    }
}

impl Int<i16> {
    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(self.finish_as::<Int16Type>())
    }
}

/// Yes or no, never null.
#[derive(Debug)]
pub(super) struct Bits(BooleanBufferBuilder);

impl Default for Bits {
    fn default() -> Self {
        Self(BooleanBufferBuilder::new(1024))
    }
}

impl Bits {
    #[inline]
    pub(super) fn push(&mut self, value: bool) {
        self.0.append(value);
    }

    pub(super) fn finish(mut self) -> ArrayRef {
        Arc::new(BooleanArray::new(self.0.finish(), None))
    }
}

/// Bytes end to end, with the places where they end.
#[derive(Debug)]
struct Heap {
    bytes: Vec<u8>,
    ends: Vec<i32>,
}

impl Default for Heap {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            ends: vec![0],
        }
    }
}

impl Heap {
    #[inline]
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end();
    }

    #[inline]
    fn end(&mut self) {
        // A batch is bounded far below two gigabytes.
        self.ends
            .push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
    }

    #[inline]
    fn get(&self, index: i32) -> Option<&[u8]> {
        let index = usize::try_from(index).ok()?;
        let [from, to] = *self.ends.get(index..)?.first_chunk::<2>()?;
        self.bytes
            .get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }

    fn into_buffers(self) -> (OffsetBuffer<i32>, Buffer) {
        (
            OffsetBuffer::new(ScalarBuffer::from(self.ends)),
            Buffer::from_vec(self.bytes),
        )
    }

    fn into_strings(self, nulls: Option<arrow_buffer::NullBuffer>) -> Result<StringArray, ArrowError> {
        let (offsets, bytes) = self.into_buffers();
        StringArray::try_new(offsets, bytes, nulls)
    }
}

/// Text or bytes that mostly differ from row to row.
#[derive(Debug)]
pub(super) struct Text {
    heap: Heap,
    nulls: NullBufferBuilder,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            heap: Heap::default(),
            nulls: nulls(),
        }
    }
}

impl Text {
    #[inline]
    pub(super) fn push(&mut self, text: Option<&[u8]>) {
        self.nulls.append(text.is_some());
        self.heap.push(text.unwrap_or_default());
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(self.heap.into_strings(self.nulls.finish())?))
    }

    pub(super) fn finish_binary(mut self) -> Result<ArrayRef, ArrowError> {
        let (offsets, bytes) = self.heap.into_buffers();
        Ok(Arc::new(BinaryArray::try_new(
            offsets,
            bytes,
            self.nulls.finish(),
        )?))
    }
}

/// Words that repeat: each is kept once.
#[derive(Debug)]
pub(super) struct Dictionary {
    words: Heap,
    table: HashTable<i32>,
    hasher: DefaultHashBuilder,
    keys: Int<i32>,
    last: i32,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            words: Heap::default(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            keys: Int::default(),
            last: -1,
        }
    }
}

impl Dictionary {
    #[inline]
    pub(super) fn push(&mut self, word: Option<&[u8]>) {
        let key = word.map(|word| self.key_of(word));
        self.keys.push(key);
    }

    /// The place of the word pushed last among all words.
    pub(super) fn last(&self) -> Option<usize> {
        usize::try_from(self.last).ok()
    }

    #[inline]
    fn key_of(&mut self, word: &[u8]) -> i32 {
        // Neighbouring lines mostly say the same.
        if self.words.get(self.last) == Some(word) {
            return self.last;
        }
        let hash = self.hasher.hash_one(word);
        let (words, hasher) = (&self.words, &self.hasher);
        let found = self
            .table
            .find(hash, |key| words.get(*key) == Some(word))
            .copied();
        self.last = match found {
            Some(key) => key,
            None => {
                let key = i32::try_from(words.ends.len()).map_or(i32::MAX, |ends| ends.saturating_sub(1));
                self.table.insert_unique(hash, key, |key| {
                    hasher.hash_one(words.get(*key).unwrap_or_default())
                });
                self.words.push(word);
                key
            }
        };
        self.last
    }

    pub(super) fn finish(self) -> Result<ArrayRef, ArrowError> {
        let words = self.words.into_strings(None)?;
        let keys = self.keys.finish_as::<Int32Type>();
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
            keys,
            Arc::new(words),
        )?))
    }
}
