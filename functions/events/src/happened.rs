//! What happened: the events among the changes of a batch, each read once for all who follow.

use domain::Event;
use runtime::Platform;
use store::StreamImage;

/// An event of a batch.
#[derive(Debug)]
pub(crate) struct Happened {
    /// The place of its change in the batch.
    pub(crate) place: usize,
    /// The event.
    pub(crate) event: Event,
}

/// The new events among the changes, in their order. One that cannot be read is told in the log, and holds nothing up:
/// it would not be read the next time either.
pub(crate) fn happened(platform: &Platform, images: &[StreamImage]) -> Vec<Happened> {
    let read = |(place, image): (usize, &StreamImage)| {
        let event = image.new_event(platform.table().keys())?;
        let event =
            event.inspect_err(|error| tracing::error!(pk = image.pk, %error, "an event cannot be read")).ok()?;
        Some(Happened { place, event })
    };
    images.iter().enumerate().filter_map(read).collect()
}

/// Those of the changes before a place.
pub(crate) fn before(events: &[Happened], place: usize) -> &[Happened] {
    &events[..events.partition_point(|happened| happened.place < place)]
}

/// That of the change at a place, where it brought one.
pub(crate) fn at(events: &[Happened], place: usize) -> &[Happened] {
    &before(events, place + 1)[before(events, place).len()..]
}
