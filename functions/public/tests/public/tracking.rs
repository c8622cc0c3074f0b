//! Links by which e-mails tell that they are opened and followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use domain::communication::{CAMPAIGN_FIGURES, Carried, CommunicationDetails, OfCampaign, Placing, figures_of};
use domain::{
    Caller, CampaignId, Communication, CommunicationId, CommunicationStatus, CommunicationType, ContactPurpose, Grant,
    MessageId, OrganizationId, UserId,
};
use jiff::SignedDuration;
use standins::{Fault, Faults};
use store::{Target, TrackingLink, Window};
use testkit::{Answer, Ask, Tenant, World};

use crate::support::{FROM, router};

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const SCANNER: &str = "BarracudaCentral/1.0";
const PAGE: &str = "https://example.com/admissions?ref=a%20b&utm_source=mail#apply";

/// What the platform asks of the table, and whether the table answers.
#[derive(Clone, Default)]
struct Watch(Arc<Inner>);

#[derive(Default)]
struct Inner {
    reads: AtomicU64,
    writes: AtomicU64,
    busy: AtomicBool,
    /// So many transactions are refused as another holds the item.
    conflicts: AtomicU64,
}

impl Watch {
    fn faults(&self) -> Faults {
        let watch = Arc::clone(&self.0);
        Faults::decided_by(move |call| {
            let count = if call.write.is_some() { &watch.writes } else { &watch.reads };
            count.fetch_add(1, Ordering::SeqCst);
            if watch.busy.load(Ordering::SeqCst) {
                return Some(Fault::Throttled);
            }
            let held = |left: u64| left.checked_sub(1);
            let is_held = call.operation == "TransactWriteItems"
                && watch.conflicts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, held).is_ok();
            is_held.then_some(Fault::Conflict)
        })
    }

    /// Reads and writes since the last look.
    fn looked(&self) -> (u64, u64) {
        (self.0.reads.swap(0, Ordering::SeqCst), self.0.writes.swap(0, Ordering::SeqCst))
    }
}

/// An organization with e-mails that went out.
struct Office {
    world: World,
    tenant: Tenant,
    router: Router,
    watch: Watch,
}

impl Office {
    async fn new() -> Self {
        let watch = Watch::default();
        let world = World::with_faults(watch.faults()).await;
        let tenant = world.a_tenant("Example Ltd").await;
        let router = router(world.app());
        Self { world, tenant, router, watch }
    }

    fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").own()
    }

    fn campaign(&self) -> CampaignId {
        CampaignId::from_uuid(self.tenant.organization.uuid())
    }

    /// An e-mail of a campaign that waits to be handed over.
    async fn queued(&self) -> Communication {
        let platform = &self.world.platform;
        let now = platform.now();
        let campaign = OfCampaign { id: self.campaign(), variant: None, is_planned: true };
        let details = CommunicationDetails {
            campaign: Some(campaign),
            ..CommunicationDetails::outbound(CommunicationType::Email, ContactPurpose::Marketing, None)
        };
        let placing = Placing {
            id: CommunicationId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            user: UserId::at(now, [1; 10]),
            lead: None,
            contact: None,
            now,
        };
        let change = Communication::carry(details, placing, MessageId::at(now, platform.random()));
        platform.table().commit(&self.grant(), change).await.expect("an e-mail")
    }

    /// One that went out a while ago.
    async fn sent(&self) -> Communication {
        let queued = self.queued().await;
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let carried = Carried { integration: None, id: queued.id.to_string() };
        let sent = table.commit(&self.grant(), queued.sent(carried, now, now)).await.expect("it is sent");
        self.world.clock.advance(SignedDuration::from_mins(10));
        self.watch.looked();
        sent
    }

    async fn read(&self, mail: &Communication) -> Communication {
        self.world.platform.table().get_to_change(&self.grant(), mail.id).await.expect("the e-mail")
    }

    fn link(&self, organization: OrganizationId, mail: &Communication, target: Option<&str>) -> String {
        let target = target.map(|url| Target::new(url).expect("an address of the web"));
        TrackingLink { organization, communication: mail.id, target }.sign(self.world.platform.table().hash_key())
    }

    fn pixel(&self, mail: &Communication) -> String {
        format!("/v1/public/opens/{}", self.link(self.tenant.organization, mail, None))
    }

    fn click(&self, mail: &Communication) -> String {
        format!("/v1/public/clicks/{}", self.link(self.tenant.organization, mail, Some(PAGE)))
    }

    async fn ask(&self, path: &str, agent: &str) -> Answer {
        Ask::get(path).header("user-agent", agent).header(FROM, "198.51.100.1").of(&self.router).await
    }

    /// A campaign's figures: what was opened, what was clicked.
    async fn figures(&self) -> (i64, i64) {
        self.world.settle().await;
        let rows = self.world.platform.table().counts_now(&self.grant(), CAMPAIGN_FIGURES).await.expect("figures");
        let ours = figures_of(self.campaign(), None);
        let parts = rows.into_iter().find(|row| row.dimension == ours).map(|row| row.parts).unwrap_or_default();
        let part = |name: &str| parts.get(name).copied().unwrap_or(0);
        (part("opened"), part("clicked"))
    }
}

fn is_pixel(answer: &Answer) {
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("image/gif"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.bytes.starts_with(b"GIF89a") && answer.bytes.len() == 43);
}

fn leads_to_the_page(answer: &Answer) {
    assert_eq!(answer.expect(302).header("location"), Some(PAGE));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.bytes.is_empty());
}

#[tokio::test]
async fn what_a_person_opens_and_follows_is_counted_once_however_often_they_do() {
    let office = Office::new().await;
    let mail = office.sent().await;
    let (pixel, click) = (office.pixel(&mail), office.click(&mail));
    is_pixel(&office.ask(&pixel, CHROME).await);
    assert_eq!(office.watch.looked(), (1, 2), "a read, a transaction, and the limit's write");
    let opened_at = office.world.platform.now();
    let opened = office.read(&mail).await;
    assert_eq!((opened.status, opened.read_at), (CommunicationStatus::Read, Some(opened_at)));
    assert_eq!(opened.clicked_at, None);
    office.world.clock.advance(SignedDuration::from_mins(1));
    office.watch.looked();
    for _ in 0..3 {
        is_pixel(&office.ask(&pixel, CHROME).await);
        assert_eq!(office.watch.looked(), (1, 0), "what is known is not written again");
    }
    for _ in 0..3 {
        leads_to_the_page(&office.ask(&click, CHROME).await);
    }
    let clicked = office.read(&mail).await;
    assert_eq!((clicked.read_at, clicked.clicked_at), (Some(opened_at), Some(office.world.platform.now())));
    assert_eq!(clicked.meta.version, opened.meta.version + 1);
    assert_eq!((clicked.machine_opens, clicked.machine_clicks), (0, 0));
    assert_eq!(office.figures().await, (1, 1));
}

#[tokio::test]
async fn who_follows_a_link_has_opened_the_mail_whose_pixel_was_blocked() {
    let office = Office::new().await;
    let mail = office.sent().await;
    leads_to_the_page(&office.ask(&office.click(&mail), CHROME).await);
    let clicked = office.read(&mail).await;
    assert_eq!(clicked.status, CommunicationStatus::Read);
    assert!(clicked.read_at.is_some() && clicked.clicked_at == clicked.read_at);
    assert_eq!(office.figures().await, (1, 1));
}

#[tokio::test]
async fn what_programs_do_is_flagged_and_is_no_persons() {
    let office = Office::new().await;
    let mail = office.sent().await;
    let (pixel, click) = (office.pixel(&mail), office.click(&mail));
    is_pixel(&office.ask(&pixel, SCANNER).await);
    is_pixel(&office.ask(&pixel, "Mozilla/5.0").await);
    is_pixel(&Ask::new("GET", &pixel).of(&office.router).await);
    leads_to_the_page(&office.ask(&click, SCANNER).await);
    for header in ["sec-purpose", "purpose", "x-moz"] {
        let ask = Ask::get(&click).header("user-agent", CHROME).header(header, "prefetch");
        leads_to_the_page(&ask.of(&office.router).await);
    }
    let scanned = office.read(&mail).await;
    assert_eq!((scanned.status, scanned.read_at, scanned.clicked_at), (CommunicationStatus::Sent, None, None));
    assert_eq!((scanned.machine_opens, scanned.machine_clicks), (3, 4));
    assert_eq!(office.figures().await, (0, 0));
    for _ in 0..20 {
        office.ask(&pixel, SCANNER).await;
    }
    office.watch.looked();
    office.ask(&pixel, SCANNER).await;
    assert_eq!(office.watch.looked(), (1, 0), "a bound ends it");
    assert_eq!(office.read(&mail).await.machine_opens, Communication::MOST_MACHINE_HITS);
    leads_to_the_page(&office.ask(&click, CHROME).await);
    assert_eq!(office.figures().await, (1, 1), "the person comes after");
}

#[tokio::test]
async fn a_click_as_soon_as_a_mail_goes_out_is_a_gateways() {
    let office = Office::new().await;
    let queued = office.queued().await;
    leads_to_the_page(&office.ask(&office.click(&queued), CHROME).await);
    let scanned = office.read(&queued).await;
    let (table, now) = (office.world.platform.table(), office.world.platform.now());
    let carried = Carried { integration: None, id: "1".to_owned() };
    table.commit(&office.grant(), scanned.sent(carried, now, now)).await.expect("it is sent");
    office.world.clock.advance(SignedDuration::from_secs(4));
    leads_to_the_page(&office.ask(&office.click(&queued), CHROME).await);
    let scanned = office.read(&queued).await;
    assert_eq!((scanned.clicked_at, scanned.machine_clicks), (None, 2));
    office.world.clock.advance(SignedDuration::from_secs(1));
    leads_to_the_page(&office.ask(&office.click(&queued), CHROME).await);
    assert_eq!(office.read(&queued).await.clicked_at, Some(office.world.platform.now()));
}

#[tokio::test]
async fn asking_for_the_head_alone_is_nobodys_opening() {
    let office = Office::new().await;
    let mail = office.sent().await;
    for path in [office.pixel(&mail), office.click(&mail)] {
        let answer = Ask::new("HEAD", &path).header("user-agent", CHROME).of(&office.router).await;
        assert!(answer.bytes.is_empty());
    }
    let looked = office.read(&mail).await;
    assert_eq!((looked.read_at, looked.clicked_at), (None, None));
    assert_eq!((looked.machine_opens, looked.machine_clicks), (1, 1));
    for method in ["POST", "PUT", "DELETE"] {
        Ask::new(method, office.click(&mail)).of(&office.router).await.expect(405);
    }
}

#[tokio::test]
async fn what_we_did_not_sign_shows_a_pixel_leads_nowhere_and_touches_nothing() {
    let office = Office::new().await;
    let mail = office.sent().await;
    let organization = office.tenant.organization;
    for token in [office.link(organization, &mail, None), office.link(organization, &mail, Some(PAGE))] {
        let mut forged =
            vec!["x".to_owned(), "%FF".to_owned(), format!("{token}A"), token[..token.len() - 1].to_owned()];
        for place in [0, 1, 22, 44, token.len() / 2, token.len() - 1] {
            let letter = if token[place..].starts_with('A') { "B" } else { "A" };
            forged.push(format!("{}{letter}{}", &token[..place], &token[place + 1..]));
        }
        for token in forged {
            is_pixel(&office.ask(&format!("/v1/public/opens/{token}"), CHROME).await);
            let answer = office.ask(&format!("/v1/public/clicks/{token}"), CHROME).await;
            assert!(answer.status == 404 || token == "%FF", "{token}");
            assert_eq!(answer.header("location"), None);
        }
    }
    // Each link is good for what it was signed for.
    let (pixel, click) = (office.link(organization, &mail, None), office.link(organization, &mail, Some(PAGE)));
    is_pixel(&office.ask(&format!("/v1/public/opens/{click}"), CHROME).await);
    office.ask(&format!("/v1/public/clicks/{pixel}"), CHROME).await.expect(404);
    assert_eq!(office.watch.looked(), (0, 0), "a signature is checked without the table");
    assert_eq!(office.read(&mail).await, mail);
}

#[tokio::test]
async fn a_link_of_one_organization_touches_nothing_of_another() {
    let office = Office::new().await;
    let mail = office.sent().await;
    let theirs = office.world.a_tenant("Another Ltd").await.organization;
    office.watch.looked();
    let (pixel, click) = (office.link(theirs, &mail, None), office.link(theirs, &mail, Some(PAGE)));
    is_pixel(&office.ask(&format!("/v1/public/opens/{pixel}"), CHROME).await);
    leads_to_the_page(&office.ask(&format!("/v1/public/clicks/{click}"), CHROME).await);
    assert_eq!(office.watch.looked(), (2, 0));
    assert_eq!(office.read(&mail).await, mail);
}

#[tokio::test]
async fn people_reach_their_page_when_the_table_is_busy() {
    let office = Office::new().await;
    let mail = office.sent().await;
    office.watch.0.busy.store(true, Ordering::SeqCst);
    is_pixel(&office.ask(&office.pixel(&mail), CHROME).await);
    leads_to_the_page(&office.ask(&office.click(&mail), CHROME).await);
    office.watch.0.busy.store(false, Ordering::SeqCst);
    assert_eq!(office.read(&mail).await, mail);
    office.watch.0.conflicts.store(1, Ordering::SeqCst);
    leads_to_the_page(&office.ask(&office.click(&mail), CHROME).await);
    assert!(office.read(&mail).await.clicked_at.is_some(), "who is held up for a moment is counted all the same");
}

#[tokio::test]
async fn whoever_asks_too_often_gets_what_they_ask_for_and_is_not_counted() {
    let office = Office::new().await;
    let mail = office.sent().await;
    let window = Window { name: "tracking-address", limit: 600, seconds: 60 };
    let app = office.world.app();
    let (table, now) = (office.world.platform.table(), office.world.platform.now());
    let address = app.address_hash("198.51.100.1");
    table.count_uses(OrganizationId::PLATFORM, window, &address, 600, now).await.expect("they are counted");
    is_pixel(&office.ask(&office.pixel(&mail), CHROME).await);
    leads_to_the_page(&office.ask(&office.click(&mail), CHROME).await);
    assert_eq!(office.read(&mail).await, mail);
    office.world.clock.advance(SignedDuration::from_mins(1));
    leads_to_the_page(&office.ask(&office.click(&mail), CHROME).await);
    assert!(office.read(&mail).await.clicked_at.is_some());
}

#[tokio::test]
async fn a_provider_that_opens_for_all_its_people_is_no_single_visitor() {
    let place = crate::support::Place::new().await;
    let router = place.set_up(|settings| settings.address_requests = Some(2));
    for _ in 0..3 {
        is_pixel(&Ask::get("/v1/public/opens/x").header(FROM, "198.51.100.1").of(&router).await);
        Ask::get("/v1/public/clicks/x").header(FROM, "198.51.100.1").of(&router).await.expect(404);
    }
    for status in [404, 404, 429] {
        Ask::get("/v1/public/unsubscribe/x").header(FROM, "198.51.100.1").of(&router).await.expect(status);
    }
}

#[tokio::test]
async fn a_deleted_mail_still_leads_to_its_page() {
    let office = Office::new().await;
    let mail = office.sent().await;
    let (table, now) = (office.world.platform.table(), office.world.platform.now());
    table.commit(&office.grant(), mail.clone().delete(now)).await.expect("it is deleted");
    office.watch.looked();
    leads_to_the_page(&office.ask(&office.click(&mail), CHROME).await);
    assert_eq!(office.watch.looked(), (1, 0));
}
