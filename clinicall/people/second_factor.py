"""The second factor: who must have one, and its secrets, sealed in the database."""

from allauth.mfa.adapter import DefaultMFAAdapter

from clinicall.records.sealed import seal, unseal

# allauth seals before it knows the row.
PLACE = "mfa_authenticator:any:data"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return seal(text, place=PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, place=PLACE)
