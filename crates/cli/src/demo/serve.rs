//! The example's console, on this machine only: there at once, with a page that says to wait while
//! the months are lived.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use connect::channels::Outbox;
use engine::effects::{Clock, ShiftedClock, SystemClock, SystemRandomness};
use engine::outreach::Mailer;
use engine::{CompanyChange, Effects, Engine};
use jiff::ToSpan;
use store::{Db, companies};
use web::{Config, Preparing, Web};

use super::{NAME, live_and_tell, place};
use crate::args::DemoArgs;
use crate::commands::{bind, serve_and_live};
use crate::failure::Failure;
use crate::output;
use crate::session::Session;

/// Serves until the process is told to stop.
pub async fn serve(session: &Session, args: &DemoArgs) -> Result<(), Failure> {
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port))).await?;
    let address = format!("http://{}", listener.local_addr()?);
    output::notice(&format!("La consola del ejemplo se abre en {address}"));
    let ready = async {
        let db = match existing(session, args).await? {
            Some(db) => db,
            None => live_and_tell(session, args, Some(&address)).await?,
        };
        let web = faces(session, db, &address)?;
        plan_today(&web).await?;
        output::notice(&format!(
            "Abra {address} en el navegador y entre con el papel que quiera. Ctrl+C la cierra."
        ));
        Ok::<Web, Failure>(web)
    };
    let nothing = async |_: &Web| {};
    serve_and_live(ready, Preparing::Example, listener, nothing).await
}

/// The example that an earlier call made, unless it shall be made anew.
async fn existing(session: &Session, args: &DemoArgs) -> Result<Option<Db>, Failure> {
    if args.fresh {
        return Ok(None);
    }
    let db = Db::open(place(session).0).await?;
    let all = companies::all(&db).await?;
    if matches!(all.as_slice(), [only] if only.name == NAME) {
        return Ok(Some(db));
    }
    db.close().await;
    Ok(None)
}

/// The faces of the example; its messages go to its folder only.
fn faces(session: &Session, db: Db, address: &str) -> Result<Web, Failure> {
    let mailer = Mailer::Outbox(Outbox::new(place(session).1));
    let effects = Effects::new(clock(session)?, Box::new(SystemRandomness));
    let engine = Engine::new(db, Arc::new(effects))?.with_portal(address);
    let config = Config {
        base_url: Some(address.to_owned()),
        demo: true,
    };
    Ok(Web::new(engine, mailer, config))
}

/// From here on a person looks at each run before it goes, beginning with today's.
async fn plan_today(web: &Web) -> Result<(), Failure> {
    let Some(company) = web.engine.company(Some(NAME)).await? else {
        return Ok(());
    };
    let review = CompanyChange {
        name: "runs".to_owned(),
        value: "review".to_owned(),
    };
    let company = web.engine.set_company(&company, &[review], NAME).await?;
    let ticked = web.engine.tick(None).await?;
    if ticked.iter().all(|company| company.ran.is_none()) {
        // The hour of today's run is still to come; whoever looks at the example need not wait.
        web.engine.run_now(&company, NAME, &mut ()).await?;
    }
    Ok(())
}

/// The machine's clock, unless the example was lived up to another day: then the morning after it.
fn clock(session: &Session) -> Result<Box<dyn Clock>, Failure> {
    let at = match (session.global.as_of, session.global.now) {
        (Some(day), _) => {
            let morning = day.saturating_add(1.day()).at(9, 0, 0, 0);
            let zone = domain::calendar::zone("America/Mexico_City");
            let zone = zone.ok_or_else(|| Failure::new("sin zona horaria"))?;
            zone.to_timestamp(morning).map_err(Failure::new)?
        }
        (None, Some(now)) => now,
        (None, None) => return Ok(Box::new(SystemClock)),
    };
    Ok(Box::new(ShiftedClock::starting(at)))
}
