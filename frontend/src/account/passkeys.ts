/** Forms that a passkey fills in (WebAuthn level 3). */

import { gettext } from "../words";

/** Why no passkey can be used here; empty where one can. */
export function whyNot(place: { hostname: string; port: string }, secure: boolean): string {
  if (/^[\d.]+$|^\[/.test(place.hostname)) {
    const local = place.hostname === "127.0.0.1" || place.hostname === "[::1]";
    const address = `http://localhost:${place.port}`;
    return local
      ? gettext("Passkeys do not work at an address made of numbers. Open %(address)s instead.", {
          address,
        })
      : gettext("Passkeys do not work at an address made of numbers.");
  }
  if (!secure) return gettext("Passkeys work on encrypted pages only.");
  if (typeof PublicKeyCredential === "undefined") return gettext("This browser knows no passkeys.");
  if (!("parseRequestOptionsFromJSON" in PublicKeyCredential)) {
    return gettext("This browser is too old for passkeys here. Update it, or sign in another way.");
  }
  return "";
}

/** A ceremony that the person stopped is not an error of theirs. */
export function inWords(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "InvalidStateError")
    return gettext("This device has a passkey for your account already.");
  if (name === "NotAllowedError") return gettext("No passkey was used. You can try again.");
  return gettext("That did not work. Try again, or take another way.");
}

type Options = {
  creation_options?: { publicKey: PublicKeyCredentialCreationOptionsJSON };
  request_options?: { publicKey: PublicKeyCredentialRequestOptionsJSON };
};

async function ask(options: Options): Promise<PublicKeyCredential> {
  const { creation_options: creation, request_options: request } = options;
  const credential = creation
    ? await navigator.credentials.create({ publicKey: forSigningIn(creation.publicKey) })
    : await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(
          (request as { publicKey: PublicKeyCredentialRequestOptionsJSON }).publicKey,
        ),
      });
  return credential as PublicKeyCredential;
}

/** Every key we add can be signed in with alone, so it must ask for a finger, a face or a PIN. */
function forSigningIn(
  json: PublicKeyCredentialCreationOptionsJSON,
): PublicKeyCredentialCreationOptions {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(json);
  options.authenticatorSelection = {
    ...options.authenticatorSelection,
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  };
  return options;
}

if (typeof HTMLElement !== "undefined") {
  class PasskeyForm extends HTMLElement {
    connectedCallback(): void {
      const form = this.querySelector("form");
      if (!form) return;
      const trouble = whyNot(location, isSecureContext);
      this.say(trouble);
      form.hidden = trouble !== "";
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.fill(form);
      });
    }

    private async fill(form: HTMLFormElement): Promise<void> {
      this.say("");
      try {
        const credential = await ask(await this.options());
        (form.elements.namedItem("credential") as HTMLInputElement).value = JSON.stringify(
          credential.toJSON(),
        );
        form.submit();
      } catch (error) {
        this.say(inWords(error));
      }
    }

    private async options(): Promise<Options> {
      const address = this.getAttribute("options-from");
      if (!address) return JSON.parse(this.querySelector("script")?.textContent ?? "{}") as Options;
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`options: ${answer.status}`);
      return (await answer.json()) as Options;
    }

    private say(words: string): void {
      const place = this.querySelector("[data-trouble]");
      if (place) place.textContent = words;
    }
  }
  customElements.define("passkey-form", PasskeyForm);
}
