-- ByteString's own IO and memory: hGet and hGetLine from a file, useAsCString, packing from
-- pointers, unsafe indexing, short ByteStrings.
module Main (main) where

import qualified Data.ByteString as B
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Internal as I
import qualified Data.ByteString.Short as S
import qualified Data.ByteString.Unsafe as U
import Foreign
import System.IO

main :: IO ()
main = do
  b <- I.create 10 (\p -> mapM_ (\i -> pokeByteOff p i (fromIntegral (i * i) :: Word8)) [0 .. 9])
  print (B.unpack b, U.unsafeIndex b 3)
  n <- B.useAsCStringLen b (\(p, l) -> peek (castPtr p `plusPtr` (l - 1)) :: IO Word8)
  print n
  c <- B.useAsCString (C.pack "packed") B.packCString
  C.putStrLn c
  print (S.length (S.toShort c), S.fromShort (S.toShort c) == c)
  f <- B.readFile "text.txt"
  print (B.length f, length (C.lines f))
  h <- openFile "text.txt" ReadMode
  C.hGetLine h >>= C.putStrLn
  B.hGet h 7 >>= print
  B.hGetSome h 5 >>= print . (> 0) . B.length
  rest <- B.hGetContents h
  print (B.length rest > 0)
