"""The public directory: who has time, and when."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja import Query, Router

from clinicall.api.callers import anyone_to_a_doctor, may
from clinicall.api.fields import Asked, Day, Page, PageSize, SearchText, SomeId, Timezone
from clinicall.api.paging import cut_page
from clinicall.api.reading import UnknownTimezone
from clinicall.api.schemas import (
    DoctorDetails,
    DoctorOut,
    DoctorsPage,
    OpenSlots,
    Specializations,
    SpecializationWithDoctors,
)
