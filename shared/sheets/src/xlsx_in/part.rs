use crate::{Limits, SheetError};
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufRead, Read};

/// Bytes inflated before the ratio is looked at: the first of them say little.
const RATIO_GRACE: u64 = 1 << 20;

/// How an entry's bytes are kept.
pub(super) enum Packed<'a> {
    Stored(&'a [u8]),
    Deflated(DeflateDecoder<&'a [u8]>),
}

/// What the archive's directory claims of an entry; never trusted, only held against the truth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub size: u64,
    pub crc: u32,
}

/// One part of the workbook, inflated piece by piece under a counter.
///
/// It refuses to give more bytes than are left for the whole workbook, more than the ratio allows, more
/// than the directory claims, and more for one token of XML than [`begin_token`](Self::begin_token) grants.
pub(super) struct PartReader<'a> {
    packed: Packed<'a>,
    claim: Claim,
    crc: Crc,
    inflated: u64,
    left: u64,
    limits: Limits,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    token_left: usize,
    refusal: Option<SheetError>,
}

impl<'a> PartReader<'a> {
    /// `left` is how many bytes the workbook may still inflate to.
    pub(super) fn new(packed: Packed<'a>, claim: Claim, left: u64, limits: Limits) -> Self {
        Self {
            packed,
            claim,
            crc: Crc::new(),
            inflated: 0,
            left,
            limits,
            buffer: vec![0; 32 << 10].into_boxed_slice(),
            start: 0,
            end: 0,
            token_left: limits.runaway_bytes(),
            refusal: None,
        }
    }

    /// Grants the next piece of markup or text its bytes.
    pub(super) fn begin_token(&mut self) {
        self.token_left = self.limits.runaway_bytes();
    }

    /// Why reading failed, where it was this reader that refused.
    pub(super) fn take_refusal(&mut self) -> Option<SheetError> {
        self.refusal.take()
    }

    /// Bytes inflated so far.
    pub(super) fn inflated(&self) -> u64 {
        self.inflated
    }

    fn refill(&mut self) -> io::Result<()> {
        let (read, packed) = match &mut self.packed {
            Packed::Stored(bytes) => {
                let read = bytes.read(&mut self.buffer)?;
                (read, self.inflated + read as u64)
            }
            Packed::Deflated(decoder) => (decoder.read(&mut self.buffer)?, decoder.total_in()),
        };
        self.crc.update(&self.buffer[..read]);
        self.inflated += read as u64;
        (self.start, self.end) = (0, read);
        let refusal = if self.inflated > self.left {
            SheetError::UnpacksTooLarge { limit: self.limits.max_uncompressed_bytes }
        } else if self.inflated > RATIO_GRACE && self.inflated > packed.saturating_mul(self.limits.max_ratio) {
            SheetError::RatioTooHigh { limit: self.limits.max_ratio }
        } else if self.inflated > self.claim.size || (read == 0 && self.inflated < self.claim.size) {
            SheetError::damaged("a part is not of the size the archive claims")
        } else if read == 0 && self.crc.sum() != self.claim.crc {
            SheetError::damaged("a part does not match its checksum")
        } else {
            return Ok(());
        };
        Err(self.refuse(refusal))
    }

    fn refuse(&mut self, refusal: SheetError) -> io::Error {
        self.refusal = Some(refusal);
        io::Error::from(io::ErrorKind::InvalidData)
    }
}

impl BufRead for PartReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.token_left == 0 {
            return Err(self.refuse(SheetError::CellTooLong { limit: self.limits.max_cell_bytes }));
        }
        if self.start == self.end {
            self.refill()?;
        }
        let end = self.end.min(self.start.saturating_add(self.token_left));
        Ok(&self.buffer[self.start..end])
    }

    fn consume(&mut self, amount: usize) {
        self.start += amount;
        self.token_left = self.token_left.saturating_sub(amount);
    }
}

impl Read for PartReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}
