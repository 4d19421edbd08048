-- Package time on fixed instants in UTC: formatting, parsing, calendars, differences. Catches a
-- library that needs time zone files.
module Main (main) where

import Data.Time
import Data.Time.Calendar.WeekDate
import Data.Time.Clock.POSIX

main :: IO ()
main = do
  let t = UTCTime (fromGregorian 2024 2 29) (timeOfDayToTime (TimeOfDay 23 59 58.25))
  print t
  mapM_ (putStrLn . flip (formatTime defaultTimeLocale) t) ["%Y-%m-%d %H:%M:%S", "%a %A %b %B %e %j %U %p %I", "%s %q %Q", "%c", "%x %X", "%D %F %T %R %r %%"]
  print (addUTCTime 2 t)
  print (utcTimeToPOSIXSeconds t)
  print (posixSecondsToUTCTime 0, posixSecondsToUTCTime (-1), posixSecondsToUTCTime (2 ^ (33 :: Int)))
  print (toWeekDate (utctDay t))
  print (diffDays (fromGregorian 2000 1 1) (fromGregorian 1900 1 1))
  print (parseTimeM True defaultTimeLocale "%d.%m.%Y %H:%M" "17.06.1953 12:30" :: Maybe UTCTime)
  print (parseTimeM True defaultTimeLocale "%d.%m.%Y" "30.02.2023" :: Maybe Day)
  print (utcToLocalTime (hoursToTimeZone (-5)) t)
  print (map (gregorianMonthLength 2023) [1 .. 12])
  print (isLeapYear 1900, isLeapYear 2000)
