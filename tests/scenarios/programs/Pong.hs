-- | The other end: see Ping.
module Main (main) where

import Control.Exception
import Foreign
import System.Environment
import System.IO.Error (isDoesNotExistError, isPermissionError)

import Domains

main :: IO ()
main = do
  arguments <- getArgs
  let (_ : peer : _) = map read (filter (all (`elem` ['0' .. '9'])) arguments) :: [Int]
      path = "/local/domain/" ++ show peer ++ "/data/ping"
      look = either notYet (Just . map read . words) <$> try (storeRead path)
  [reference, port, count] <- storeAwait path (look :: IO (Maybe [Word64]))
  page <- mapGrant peer (fromIntegral reference)
  local <- bindPort peer (fromIntegral port)
  waitFor local -- a new binding is pending
  sendOn local
  answered <- answer page local 0
  unmapGrant page
  sendOn local
  putStrLn ("Answered " ++ show answered ++ " of " ++ show count)
  where
    notYet e
      | isDoesNotExistError e || isPermissionError e = Nothing
      | otherwise = throw e

answer :: Ptr Word64 -> Port -> Word64 -> IO Word64
answer page port n = do
  waitFor port
  message <- peek page
  if message == maxBound
    then return n
    else do
      poke page (message + 1)
      sendOn port
      let next = n + 1
      next `seq` answer page port next
