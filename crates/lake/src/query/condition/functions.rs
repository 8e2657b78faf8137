//! Functions that filters and groups need and the engine doesn't have.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, TimeUnit};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use hashbrown::HashMap;
use ipnet::IpNet;

use crate::query::signatures::{digest, signature_of};

pub(super) fn wrong() -> DataFusionError {
    DataFusionError::Internal("a filter met a column of another type".to_owned())
}

pub(super) fn texts(array: &ArrayRef) -> Result<&StringViewArray> {
    array.as_string_view_opt().ok_or_else(wrong)
}

pub(super) fn arrays(args: ScalarFunctionArgs) -> Result<Vec<ArrayRef>> {
    let rows = args.number_rows;
    args.args
        .into_iter()
        .map(|value| value.into_array(rows))
        .collect()
}

/// Whether any of its columns holds a text; upper and lower case are one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Holds {
    /// In lower case.
    needle: String,
    signature: Any,
}

impl Holds {
    pub(super) fn new(needle: &str) -> Self {
        Self {
            needle: needle.to_lowercase(),
            signature: Any::default(),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return text.to_lowercase().contains(&self.needle);
        }
        let (text, needle) = (text.as_bytes(), self.needle.as_bytes());
        let Some(first) = needle.first().copied() else {
            return true;
        };
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), text).any(|at| {
            let window = text.get(at..at.saturating_add(needle.len()));
            window.is_some_and(|window| window.eq_ignore_ascii_case(needle))
        })
    }
}

/// A signature that takes whatever it is given.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Any(pub(super) Signature);

impl Default for Any {
    fn default() -> Self {
        Self(Signature::new(TypeSignature::VariadicAny, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for Holds {
    fn name(&self) -> &'static str {
        "holds"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut found = vec![false; args.number_rows];
        for array in arrays(args)? {
            let texts = texts(&array)?;
            for (found, text) in found.iter_mut().zip(texts.iter()) {
                *found = *found || text.is_some_and(|text| self.is_in(text));
            }
        }
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(found))))
    }
}

/// Whether a word begins with any of some texts. Words of few kinds repeat, and a batch holds a repeated word in one place: each
/// place is looked at once.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct BeginsAny {
    beginnings: Vec<String>,
    signature: Any,
}

impl BeginsAny {
    pub(super) fn new(beginnings: Vec<String>) -> Self {
        Self {
            beginnings,
            signature: Any::default(),
        }
    }
}

impl ScalarUDFImpl for BeginsAny {
    fn name(&self) -> &'static str {
        "begins_any"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let words = texts(arrays.first().ok_or_else(wrong)?)?;
        let mut known: HashMap<u128, bool> = HashMap::new();
        let begins = words.iter().zip(words.views().iter()).map(|(word, place)| {
            let word = word?;
            let any = |word: &str| self.beginnings.iter().any(|begin| word.starts_with(begin));
            Some(*known.entry(*place).or_insert_with(|| any(word)))
        });
        Ok(ColumnarValue::Array(Arc::new(begins.collect::<BooleanArray>())))
    }
}

/// Whether an address lies in any of some networks.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct InNetworks {
    networks: Vec<IpNet>,
    signature: Any,
}

impl InNetworks {
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self {
            networks,
            signature: Any::default(),
        }
    }

    fn holds(&self, address: &str) -> bool {
        address.parse::<IpAddr>().is_ok_and(|address| {
            let short = address.to_canonical();
            self.networks
                .iter()
                .any(|network| network.contains(&short) || network.contains(&address))
        })
    }
}

impl ScalarUDFImpl for InNetworks {
    fn name(&self) -> &'static str {
        "in_networks"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let addresses = texts(arrays.first().ok_or_else(wrong)?)?;
        // Requests of one client stand together often.
        let mut last: (Option<&str>, bool) = (None, false);
        let inside = addresses.iter().map(|address| {
            if address != last.0 {
                last = (address, address.is_some_and(|address| self.holds(address)));
            }
            Some(last.1)
        });
        Ok(ColumnarValue::Array(Arc::new(inside.collect::<BooleanArray>())))
    }
}

/// The part of a key up to its `depth`-th slash, or up to its last where it has fewer. A key without any has an empty one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct KeyPrefix {
    depth: u8,
    signature: Any,
}

impl KeyPrefix {
    pub(super) fn new(depth: u8) -> Self {
        Self {
            depth,
            signature: Any::default(),
        }
    }
}

/// See [`KeyPrefix`].
pub(super) fn prefix_of(key: &str, depth: u8) -> &str {
    let slashes = key.match_indices('/').take(usize::from(depth));
    let end = slashes.last().map_or(0, |(at, slash)| at + slash.len());
    key.get(..end).unwrap_or_default()
}

impl ScalarUDFImpl for KeyPrefix {
    fn name(&self) -> &'static str {
        "key_prefix"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let keys = texts(arrays.first().ok_or_else(wrong)?)?;
        let mut prefixes = StringViewBuilder::with_capacity(keys.len());
        for key in keys {
            prefixes.append_option(key.map(|key| prefix_of(key, self.depth)));
        }
        Ok(ColumnarValue::Array(Arc::new(prefixes.finish())))
    }
}

/// The beginning of the interval that a time lies in: the last edge that is not behind it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::query) struct IntervalOf {
    edges: Arc<[i64]>,
    signature: Any,
}

impl IntervalOf {
    /// Edges in microseconds, ascending.
    pub(in crate::query) fn new(edges: Arc<[i64]>) -> Self {
        Self {
            edges,
            signature: Any::default(),
        }
    }
}

impl ScalarUDFImpl for IntervalOf {
    fn name(&self) -> &'static str {
        "interval_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let times = arrays
            .first()
            .and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>());
        let times = times.ok_or_else(wrong)?;
        let starts = times.iter().map(|time| {
            let behind = self.edges.partition_point(|edge| Some(*edge) <= time);
            self.edges.get(behind.checked_sub(1)?).copied()
        });
        let starts: TimestampMicrosecondArray = starts.collect();
        Ok(ColumnarValue::Array(Arc::new(starts.with_timezone("UTC"))))
    }
}

/// The beginning of the step that a time lies in.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct StepOf {
    micros: i64,
    signature: Any,
}

impl StepOf {
    pub(super) fn new(micros: i64) -> Self {
        Self {
            micros: micros.max(1),
            signature: Any::default(),
        }
    }
}

impl ScalarUDFImpl for StepOf {
    fn name(&self) -> &'static str {
        "step_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let times = arrays
            .first()
            .and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>());
        let times = times.ok_or_else(wrong)?;
        let steps: TimestampMicrosecondArray =
            times.unary(|time| time.saturating_sub(time.rem_euclid(self.micros)));
        Ok(ColumnarValue::Array(Arc::new(steps.with_timezone("UTC"))))
    }
}

/// The signature in a request-URI, or null.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::query) struct SignatureOf {
    signature: Any,
}

impl ScalarUDFImpl for SignatureOf {
    fn name(&self) -> &'static str {
        "signature_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let uris = texts(arrays.first().ok_or_else(wrong)?)?;
        let mut signatures = StringViewBuilder::with_capacity(uris.len());
        for uri in uris {
            signatures.append_option(uri.and_then(signature_of));
        }
        Ok(ColumnarValue::Array(Arc::new(signatures.finish())))
    }
}

/// The digest of a text; of none, null.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::query) struct DigestOf {
    signature: Any,
}

impl DigestOf {
    /// Whether a text has one of these digests, which are in order.
    pub(in crate::query) fn any_of(digests: Vec<i64>) -> HasDigest {
        HasDigest {
            digests,
            signature: Any::default(),
        }
    }
}

impl ScalarUDFImpl for DigestOf {
    fn name(&self) -> &'static str {
        "digest_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let texts = texts(arrays.first().ok_or_else(wrong)?)?;
        let digests: Int64Array = texts.iter().map(|text| text.map(digest)).collect();
        Ok(ColumnarValue::Array(Arc::new(digests)))
    }
}

/// Whether a text has one of some digests.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::query) struct HasDigest {
    /// In order.
    digests: Vec<i64>,
    signature: Any,
}

impl ScalarUDFImpl for HasDigest {
    fn name(&self) -> &'static str {
        "has_digest"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let texts = texts(arrays.first().ok_or_else(wrong)?)?;
        let known = |text: &str| self.digests.binary_search(&digest(text)).is_ok();
        let found: BooleanArray = texts.iter().map(|text| Some(text.is_some_and(known))).collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}

/// Whether a time lies in one of some seconds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::query) struct InSeconds {
    /// In order.
    seconds: Vec<i64>,
    signature: Any,
}

impl InSeconds {
    pub(in crate::query) fn new(mut seconds: Vec<i64>) -> Self {
        seconds.sort_unstable();
        Self {
            seconds,
            signature: Any::default(),
        }
    }
}

impl ScalarUDFImpl for InSeconds {
    fn name(&self) -> &'static str {
        "in_seconds"
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = arrays(args)?;
        let times = arrays
            .first()
            .and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>());
        let times = times.ok_or_else(wrong)?;
        // Records of one second stand together mostly.
        let mut last = (None, false);
        let found = times.iter().map(|time| {
            let second = time.map(|micros| micros.div_euclid(1_000_000));
            if second != last.0 {
                let known = second.is_some_and(|second| self.seconds.binary_search(&second).is_ok());
                last = (second, known);
            }
            Some(last.1)
        });
        Ok(ColumnarValue::Array(Arc::new(found.collect::<BooleanArray>())))
    }
}
