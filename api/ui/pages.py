"""Every page and file that people's browsers ask for, as one router. Knows the routers, nothing else."""

from fastapi import APIRouter

from api.ui import check_page, docs_page, landing_page, problems_page, static_files, tools_page

router = APIRouter()
for _part in (check_page, tools_page, landing_page, docs_page, problems_page, static_files):
    router.include_router(_part.router)
